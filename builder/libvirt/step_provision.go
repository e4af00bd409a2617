package libvirt

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"github.com/hashicorp/packer-plugin-sdk/multistep/commonsteps"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// StepProvision runs the template's provisioners, and takes the checkpoints that they ask for. It has the name of the SDK's step that it
// extends, since `-on-error=run-cleanup-provisioner` finds that step by the name of its type.
type StepProvision struct {
	commonsteps.StepProvision
	timings *timings
	config  *Config
}

// Run ends with an error also when the provisioners were cancelled, which the SDK's step leaves out.
func (s *StepProvision) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	server := s.serveCheckpoints(ctx, state)
	inner := phase{name: "provision", timings: s.timings, Step: watched{Step: &s.StepProvision, config: s.config}}
	action := inner.Run(ctx, state)
	s.timings.move("provision", "checkpoint", server.stop())
	if action == multistep.ActionHalt && errorOf(state) == nil {
		return halt(state, errors.New("the provisioners were cancelled"))
	}
	return action
}

// serveCheckpoints produces the provisioners' IngotCheckpoint; nil where nothing is to be kept, or cannot be.
func (s *StepProvision) serveCheckpoints(ctx context.Context, state multistep.StateBag) *checkpointServer {
	layers := stateLayers.get(state)
	communicator, connected := state.Get("communicator").(packersdk.Communicator)
	if layers == nil || !connected || layers.isLast() || stateRestored.get(state) {
		return nil
	}
	guest := &checkpoints{layers: layers, domain: stateDomain.get(state), communicator: communicator, diskSize: s.config.RootSize}
	path := stateBuild.get(state).file(checkpointSocket)
	server, err := serveCheckpoints(ctx, path, guest.take)
	if err != nil {
		uiOf(state).Say(fmt.Sprintf("Layers: no checkpoints: %v", err))
		return nil
	}
	generated(state)["IngotCheckpoint"] = path
	return server
}
