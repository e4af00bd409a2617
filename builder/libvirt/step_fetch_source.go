package libvirt

import (
	"context"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepFetchSource downloads and verifies the source image. Produces: source. The file stays in the cache.
type stepFetchSource struct{ config *Config }

func (s *stepFetchSource) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	uiOf(state).Say("Source image: " + s.config.sourceName())
	path, err := s.config.fetch(ctx, uiOf(state))
	if err != nil {
		return halt(state, fmt.Errorf("source_image: %s: %w", s.config.sourceName(), err))
	}
	source, err := inspectImage(ctx, path)
	if err != nil {
		return halt(state, fmt.Errorf("source_image: %s: %w", s.config.sourceName(), err))
	}
	if need := (source.VirtualSize + 1<<20 - 1) >> 20; int64(s.config.DiskSize) < need {
		return halt(state, fmt.Errorf("disk_size: must be at least the source image's %d MiB, got %d", need, s.config.DiskSize))
	}
	source.Checksum = s.config.SourceChecksum
	stateSource.put(state, source)
	return multistep.ActionContinue
}

func (s *stepFetchSource) Cleanup(multistep.StateBag) {}
