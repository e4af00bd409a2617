package libvirt

import (
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"libvirt.org/go/libvirt"
)

// key is the name of a value that one step produces and later steps use.
type key[T any] string

const (
	stateConnection  key[*libvirt.Connect] = "connection"
	stateBuild       key[*buildDirectory]  = "build_directory"
	stateSource      key[sourceImage]      = "source"
	stateArtifacts   key[[]pinnedFile]     = "artifacts"
	stateFetching    key[*background]      = "fetching"
	stateProbing     key[*background]      = "probing"
	stateIdentity    key[identity]         = "identity"
	stateAccelerator key[accelerator]      = "accelerator"
	stateSSHPort     key[int]              = "ssh_port"
	stateDomain      key[*libvirt.Domain]  = "domain"
	stateStarted     key[time.Time]        = "started"
	stateAddress     key[string]           = "address"
	stateTasks       key[[]taskTime]       = "task_times"
	stateExported    key[exportedImage]    = "exported"
	stateLayers      key[*buildLayers]     = "layers"
	stateDisk        key[string]           = "disk"
	stateRestored    key[bool]             = "restored"
)

func (k key[T]) put(state multistep.StateBag, value T) { state.Put(string(k), value) }

// get returns the value, or the zero value when no step has produced it.
func (k key[T]) get(state multistep.StateBag) T {
	value, _ := state.Get(string(k)).(T)
	return value
}

// uiOf returns Packer's user interface for this build.
func uiOf(state multistep.StateBag) packersdk.Ui { return state.Get("ui").(packersdk.Ui) }

// halt is the only way in which a step fails: it shows the error, keeps it for Run, and stops the build.
func halt(state multistep.StateBag, err error) multistep.StepAction {
	uiOf(state).Error(err.Error())
	state.Put("error", err)
	return multistep.ActionHalt
}

// errorOf returns the error that stopped the build, or nil.
func errorOf(state multistep.StateBag) error {
	err, _ := state.Get("error").(error)
	return err
}
