package libvirt

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepKeepImage puts a copy of the image into the cache, for the next build of the same input. That it cannot is no reason to fail: the
// image is made.
type stepKeepImage struct{ config *Config }

func (s *stepKeepImage) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	layers, exported := stateLayers.get(state), stateExported.get(state)
	if layers == nil {
		return multistep.ActionContinue
	}
	last := layers.last()
	image := layer{
		Digest: layers.image(), Parent: layers.digests[last-1].Digest, Task: layers.digests[last].Task,
		Checksum: exported.checksum, Size: exported.size, Profile: layers.profile,
	}
	path := filepath.Join(s.config.OutputDirectory, s.config.ImageName)
	if err := layers.store.publishImage(ctx, image, layers.build, path, exported.files); err != nil {
		layersSay(state)(fmt.Sprintf("%v; the next build makes the image again", err))
		return multistep.ActionContinue
	}
	layers.imageKept = true
	layers.publishing.wait()
	return multistep.ActionContinue
}

func (s *stepKeepImage) Cleanup(multistep.StateBag) {}
