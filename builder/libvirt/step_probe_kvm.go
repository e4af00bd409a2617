package libvirt

import (
	"context"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepProbeKVM begins to try KVM out, beside the steps that follow: where KVM does not work, that takes three seconds. Produces: probing,
// where the template does not say tcg. Cleanup ends what is still under way.
type stepProbeKVM struct {
	config  *Config
	probing *background
}

func (s *stepProbeKVM) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	if s.config.Accelerator == "tcg" {
		return multistep.ActionContinue
	}
	conn, build := stateConnection.get(state), stateBuild.get(state)
	s.probing = startInBackground(ctx, func(ctx context.Context) error { return probeKVM(ctx, conn, build) })
	stateProbing.put(state, s.probing)
	return multistep.ActionContinue
}

func (s *stepProbeKVM) Cleanup(multistep.StateBag) { s.probing.end() }
