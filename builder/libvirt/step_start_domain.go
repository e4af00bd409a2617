package libvirt

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepStartDomain powers the guest on. Produces: started. Cleanup does nothing: whoever defined the domain also stops it.
type stepStartDomain struct{ config *Config }

func (s *stepStartDomain) Run(_ context.Context, state multistep.StateBag) multistep.StepAction {
	domain := stateDomain.get(state)
	name, err := domain.GetName()
	if err != nil {
		return halt(state, fmt.Errorf("asking for the domain's name: %w", err))
	}
	stateStarted.put(state, time.Now())
	if err := domain.Create(); err != nil {
		return halt(state, fmt.Errorf("starting domain %q: %w", name, err))
	}
	uiOf(state).Say(fmt.Sprintf("Started domain %s: %d CPUs, %d MiB; its console: %s",
		name, s.config.CPUs, s.config.Memory, stateBuild.get(state).file(consoleFile)))
	return multistep.ActionContinue
}

func (s *stepStartDomain) Cleanup(multistep.StateBag) {}
