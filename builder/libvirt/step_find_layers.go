package libvirt

import (
	"context"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepFindLayers looks for the layers of earlier builds, from the source image up. Produces: the provisioners' IngotTasksDone.
// stepOpenLayers lets go of what is found.
type stepFindLayers struct{ config *Config }

func (s *stepFindLayers) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	layers := stateLayers.get(state)
	if layers == nil {
		return multistep.ActionContinue
	}
	say := layersSay(state)
	if s.config.PackerForce {
		say("packer build -force: those that are cached are replaced, but for the source image, on which other profiles stand too")
	}
	if err := layers.find(ctx, say); err != nil {
		return goOnWithoutLayers(ctx, state, err)
	}
	generated(state)["IngotTasksDone"] = layers.tasksDone()
	say(layers.start())
	return multistep.ActionContinue
}

func (s *stepFindLayers) Cleanup(multistep.StateBag) {}
