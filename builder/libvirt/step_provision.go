package libvirt

import (
	"context"
	"errors"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"github.com/hashicorp/packer-plugin-sdk/multistep/commonsteps"
)

// StepProvision runs the template's provisioners. It has the name of the SDK's step that it extends, since
// `-on-error=run-cleanup-provisioner` finds that step by the name of its type.
type StepProvision struct {
	commonsteps.StepProvision
	timings *timings
	config  *Config
}

// Run ends with an error also when the provisioners were cancelled, which the SDK's step leaves out.
func (s *StepProvision) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	inner := phase{name: "provision", timings: s.timings, Step: watched{Step: &s.StepProvision, config: s.config}}
	action := inner.Run(ctx, state)
	if action == multistep.ActionHalt && errorOf(state) == nil {
		return halt(state, errors.New("the provisioners were cancelled"))
	}
	return action
}
