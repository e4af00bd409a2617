package libvirt

import (
	"context"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepSweepOrphans removes what dead builds left. Another user's leftovers must not stop this build.
type stepSweepOrphans struct{ config *Config }

func (s *stepSweepOrphans) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	removed, err := sweep(ctx, stateConnection.get(state), s.config.CacheDirectory, false)
	for _, line := range removed {
		uiOf(state).Say("Removed " + line)
	}
	if err != nil {
		uiOf(state).Error(fmt.Sprintf("Sweeping orphaned builds: %v (run: %s)", err, s.config.gcCommand()))
	}
	return multistep.ActionContinue
}

func (s *stepSweepOrphans) Cleanup(multistep.StateBag) {}
