package libvirt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// tailLines is how much of the console a failed build prints.
const tailLines = 40

// finish tells how the build went: the table of where the time went, and the artifact or the error.
func (b *Builder) finish(ctx context.Context, state multistep.StateBag, times *timings) (packersdk.Artifact, error) {
	ui := uiOf(state)
	for line := range strings.Lines(times.render(stateTasks.get(state))) {
		ui.Say(strings.TrimRight(line, "\n"))
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
	uiOf(state).Say(fmt.Sprintf("Kept for inspection: %s, and domain %s if it was made; remove both with: packer-plugin-ingot gc -cache-directory %s -libvirt-uri %s",
		build.path, build.id.domainName(), b.config.CacheDirectory, b.config.LibvirtURI))
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

// keepLogs prints the end of the console of a failed build and keeps both logs in `<output_directory>.failed`.
func (c *Config) keepLogs(ui packersdk.Ui, build *buildDirectory) {
	lines := lastLines(build.file(consoleFile), tailLines)
	if len(lines) == 0 {
		return // nothing was booted
	}
	directory := filepath.Clean(c.OutputDirectory) + ".failed"
	err := errors.Join(os.MkdirAll(directory, 0o755), removeFiles(directory, consoleFile, ansibleFile),
		copyLog(build.file(consoleFile), directory), copyLog(build.file(ansibleFile), directory))
	if err != nil {
		ui.Error(fmt.Sprintf("Keeping the logs of the failed build: %v", err))
	}
	ui.Error(fmt.Sprintf("The guest's console, last %d lines; all of it is in %s:", len(lines), filepath.Join(directory, consoleFile)))
	for _, line := range lines {
		ui.Error("  | " + line)
	}
}

// removeFiles removes those of the names that are there.
func removeFiles(directory string, names ...string) error {
	var errs []error
	for _, name := range names {
		if err := os.Remove(filepath.Join(directory, name)); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// lastLines returns the end of a text file without control characters, or nothing when there is no such file.
func lastLines(path string, count int) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var lines []string
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, printable(scanner.Text()))
		lines = lines[max(0, len(lines)-count):]
	}
	return lines
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
