package libvirt

import (
	"context"
	"errors"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepCheckPrerequisites finds all that this machine lacks before anything is started, and reports it at once.
// It creates nothing but empty directories.
type stepCheckPrerequisites struct{ config *Config }

func (s *stepCheckPrerequisites) Run(_ context.Context, state multistep.StateBag) multistep.StepAction {
	errs := []error{
		s.config.checkCommands(),
		s.config.checkOutputDirectory(),
		s.config.checkCacheDirectory(),
	}
	if conn := stateConnection.get(state); conn != nil {
		errs = append(errs, s.config.checkHypervisor(conn), s.config.checkNetwork(conn))
	} else {
		err, _ := state.Get("connection_error").(error)
		errs = append(errs, s.config.explainConnection(err))
	}
	if err := errors.Join(errs...); err != nil {
		return halt(state, err)
	}
	return multistep.ActionContinue
}

func (s *stepCheckPrerequisites) Cleanup(multistep.StateBag) {}
