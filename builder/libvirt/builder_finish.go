package libvirt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// finish tells how the build went: the table of where the time went, and the artifact or the error.
func (b *Builder) finish(ctx context.Context, state multistep.StateBag, times *timings) (packersdk.Artifact, error) {
	ui := uiOf(state)
	for line := range strings.Lines(times.render(stateTasks.get(state))) {
		ui.Say(strings.TrimRight(line, "\n"))
	}
	if outlook := stateLayers.get(state).outlook(); outlook != "" && !stateRestored.get(state) {
		ui.Say(outlook)
	}
	if succeeded(state) && ctx.Err() == nil {
		return b.artifact(state), nil
	}
	b.keepForInspection(state)
	if err := errorOf(state); err != nil {
		return nil, err
	}
	return nil, errors.New("the build was cancelled")
}

// succeeded reports whether every step that has run so far did what it should.
func succeeded(state multistep.StateBag) bool {
	_, cancelled := state.GetOk(multistep.StateCancelled)
	_, halted := state.GetOk(multistep.StateHalted)
	return !cancelled && !halted
}

// keepForInspection marks a build that `-on-error=abort` left standing, so that the next build does not sweep it.
func (b *Builder) keepForInspection(state multistep.StateBag) {
	build := stateBuild.get(state)
	if build == nil || !exists(build.path) {
		return
	}
	b.config.keepLogs(uiOf(state), build)
	if err := build.keep(); err != nil {
		uiOf(state).Error(fmt.Sprintf("Keeping the build for inspection: %v", err))
		return
	}
	uiOf(state).Say(fmt.Sprintf("Kept for inspection: %s, and domain %s if it was made; remove both with: %s",
		build.path, build.id.domainName(), b.config.gcCommand()))
}

func (b *Builder) artifact(state multistep.StateBag) *Artifact {
	c := &b.config
	artifact := &Artifact{
		directory: c.OutputDirectory, imageName: c.ImageName, source: c.sourceName(),
		state: map[string]any{"generated_data": withoutKey(generated(state))},
	}
	if c.SkipExport {
		return artifact
	}
	exported := stateExported.get(state)
	artifact.checksum, artifact.size = exported.checksum, exported.size
	for _, name := range c.outputNames() {
		if exists(filepath.Join(c.OutputDirectory, name)) {
			artifact.names = append(artifact.names, name)
		}
	}
	return artifact
}

// withoutKey is what post-processors get: the build's private key opens nothing any more, and is nobody's business.
func withoutKey(data map[string]any) map[string]any {
	public := maps.Clone(data)
	delete(public, "SSHPrivateKey")
	return public
}
