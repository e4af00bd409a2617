package libvirt

import (
	"context"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepChooseAccelerator decides between KVM and emulation, and says why. Produces: accelerator.
type stepChooseAccelerator struct {
	config *Config
	again  bool // -on-error=ask retries
}

func (s *stepChooseAccelerator) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	conn := stateConnection.get(state)
	version, err := conn.GetVersion()
	if err != nil {
		return halt(state, fmt.Errorf("asking libvirt for QEMU's version: %w", err))
	}
	chosen := accelerator{qemuVersion: version, reason: fmt.Sprintf("accelerator = %q", s.config.Accelerator)}
	if s.config.Accelerator != "tcg" {
		err = stateProbing.get(state).wait()
		if s.again {
			err = probeKVM(ctx, conn, stateBuild.get(state))
		}
		s.again = true
		if err != nil && s.config.Accelerator == "kvm" {
			return halt(state, fmt.Errorf(`accelerator: "kvm" does not work on this machine: %w; use "auto" or "tcg"`, err))
		}
		chosen.kvm = err == nil
	}
	if s.config.Accelerator == "auto" {
		chosen.reason = "a guest booted under it"
		if err != nil {
			chosen.reason = err.Error()
		}
	}
	uiOf(state).Say("Accelerator " + chosen.String())
	stateAccelerator.put(state, chosen)
	return multistep.ActionContinue
}

func (s *stepChooseAccelerator) Cleanup(multistep.StateBag) {}
