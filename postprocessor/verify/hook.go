package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

const consoleFile = "console.log" // the builder's

// hook takes the place of a template's provisioners.
type hook struct {
	logs   string // directory for the logs of a guest that has problems
	ask    look
	checks []Check
	booted time.Duration // from power-on to login
}

var _ packersdk.Hook = (*hook)(nil)

// Run asks the guest. A problem does not end it: the guest ran, and the next question may be answered.
func (h *hook) Run(ctx context.Context, name string, _ packersdk.Ui, _ packersdk.Communicator, data any) error {
	generated, ok := data.(map[string]any)
	if name != packersdk.HookProvision || !ok {
		return nil
	}
	g, err := newGuest(generated)
	if err != nil {
		return err
	}
	h.booted = g.bootSeconds()
	h.checks = h.ask(ctx, g)
	return errors.Join(ctx.Err(), h.keepLogs(fmt.Sprint(generated["IngotBuildDirectory"])))
}

// keepLogs copies what the guest's console and Ansible said, where a problem was found.
func (h *hook) keepLogs(build string) error {
	for _, c := range h.checks {
		if len(c.Problems) > 0 {
			return copyLogs(build, h.logs)
		}
	}
	return nil
}

func copyLogs(build, directory string) error {
	found, _ := filepath.Glob(filepath.Join(build, "*.log"))
	inside, _ := filepath.Glob(filepath.Join(build, "*", "*.log"))
	err := os.MkdirAll(directory, 0o755)
	for _, path := range append(found, inside...) {
		content, readErr := os.ReadFile(path)
		name := strings.ReplaceAll(strings.TrimPrefix(path, build+"/"), "/", "-")
		err = errors.Join(err, readErr, os.WriteFile(filepath.Join(directory, name), content, 0o644))
	}
	return err
}

// lastWords are what a guest that did not come up said last on its console, where the builder has kept that.
func lastWords(console string) []string {
	content, err := os.ReadFile(console)
	lines := strings.FieldsFunc(printable(string(content)), isNewline)
	if err != nil || len(lines) == 0 {
		return nil
	}
	for i, line := range lines { // what follows it is a dump
		if strings.Contains(line, "Kernel panic") {
			lines = lines[:i+1]
			break
		}
	}
	return []string{"its console ends with: " + lines[len(lines)-1]}
}
