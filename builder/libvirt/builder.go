// Package libvirt is the builder "ingot-libvirt": it boots a cloud image under libvirt, lets the template's provisioners
// change it, and exports the result as one qcow2.
package libvirt

import (
	"context"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/communicator"
	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"github.com/hashicorp/packer-plugin-sdk/multistep/commonsteps"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// Builder is `source "ingot-libvirt"`.
type Builder struct{ config Config }

var _ packersdk.Builder = (*Builder)(nil)

// Prepare checks the template's values. It returns the names of the values that provisioners and post-processors
// can use as `build.<name>`.
func (b *Builder) Prepare(raws ...any) (generated, warnings []string, err error) {
	warnings, err = b.config.Prepare(raws...)
	return []string{"IngotBuildDirectory", "SSHHostKey", "IngotArtifacts", "IngotBootSeconds", "IngotTasksDone", "IngotCheckpoint"}, warnings, err
}

// Run builds one image and returns its Artifact.
func (b *Builder) Run(ctx context.Context, ui packersdk.Ui, hook packersdk.Hook) (packersdk.Artifact, error) {
	state := new(multistep.BasicStateBag)
	state.Put("ui", ui)
	state.Put("hook", hook)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go cancelWithPacker(ctx, cancel)
	times := &timings{started: time.Now()}
	commonsteps.NewRunnerWithPauseFn(b.steps(times), b.config.PackerConfig, ui, state).Run(ctx, state)
	return b.finish(ctx, state, times)
}

// steps is the whole build, in order.
func (b *Builder) steps(times *timings) []multistep.Step {
	c := &b.config
	in := func(name string, step multistep.Step) multistep.Step {
		return phase{name: name, timings: times, Step: step}
	}
	onGuest := func(name string, step multistep.Step) multistep.Step {
		return in(name, watched{Step: step, config: c})
	}
	return []multistep.Step{
		in("prepare", &stepCheckPrerequisites{config: c}),
		in("prepare", &stepCreateBuildDirectory{config: c, failed: c.keepLogs}),
		in("layers", &stepOpenLayers{config: c}),
		in("restore", multistep.If(!c.SkipExport, &stepRestoreImage{config: c})), // the steps after it have nothing to do then
		in("prepare", &stepConnectLibvirt{config: c}),
		in("prepare", &stepSweepOrphans{config: c}),
		in("prepare", &stepProbeKVM{config: c}), // beside the steps up to the choice
		in("layers", &stepFindLayers{config: c}),
		in("artifacts", &stepFetchArtifacts{config: c}),
		in("source image", &stepFetchSource{config: c}),
		multistep.If(c.hasArtifacts(), in("artifacts", &stepWriteArtifacts{config: c})),
		in("prepare", &stepChooseAccelerator{config: c}),
		in("prepare", &stepCreateDisks{config: c}),
		in("prepare", &stepDefineDomain{config: c}),
		in("boot", &stepStartDomain{config: c}),
		onGuest("boot", &stepFindAddress{config: c}),
		onGuest("boot", &stepWaitSSH{config: c}),
		onGuest("boot", &communicator.StepConnect{
			Config: &c.Comm, SSHConfig: c.sshConfig,
			Host:    func(state multistep.StateBag) (string, error) { return stateAddress.get(state), nil },
			SSHPort: func(state multistep.StateBag) (int, error) { return c.sshPort(state), nil },
		}),
		in("boot", &stepTellBootTime{}),
		onGuest("cloud-init", &stepWaitCloudInit{config: c}),
		multistep.If(c.hasArtifacts(), onGuest("artifacts", &stepMountArtifacts{})),
		&StepProvision{config: c, timings: times},
		in("shut down", multistep.If(!c.SkipExport, &stepShutdownDomain{config: c})),
		in("export", multistep.If(!c.SkipExport, &stepExportImage{config: c})),
		in("export", multistep.If(!c.SkipExport, &stepPublishOutput{config: c, timings: times})),
		in("layers", multistep.If(!c.SkipExport, &stepKeepImage{config: c})),
	}
}
