package verify

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// look asks a guest that runs, and has let its user in.
type look func(ctx context.Context, g *guest) []Check

// boot makes a machine from the image: on a throw-away disk, with a user, a name, an instance and a network card of its own.
func (v *verification) boot(ctx context.Context, phase string, ask look) []Check {
	login := Check{Phase: phase, Name: "a new machine lets its user in"}
	v.ui.Sayf("Booting the image: %s", phase)
	hook := &hook{logs: v.logs(phase), ask: ask}
	err := v.runBuilder(ctx, phase, hook)
	if err != nil {
		login.Problems = []string{err.Error()}
	}
	login.Took = hook.booted
	return append([]Check{login}, hook.checks...)
}

func (v *verification) runBuilder(ctx context.Context, phase string, hook *hook) error {
	size, err := virtualSize(ctx, v.image)
	if err != nil {
		return err
	}
	c, one := v.config, strings.ToLower(rand.Text())[:8]
	settings := map[string]any{
		"packer_build_name": "verify", "packer_builder_type": "ingot-libvirt",
		"source_image": v.image, "source_checksum": v.checksum, "skip_export": true, "disk_size": (size + 1<<20 - 1) >> 20,
		"output_directory": filepath.Join(v.directory, slug(phase)), // only logs of a guest that does not come up
		"hostname":         "host-" + one, "ssh_username": "user-" + one,
		"accelerator": c.Accelerator, "cache_directory": c.CacheDirectory, "cpus": c.CPUs, "memory": c.Memory,
		"ssh_timeout": c.BootTimeout.String(), "required_commands": []string{"ansible-playbook", "ssh"},
	}
	if c.LibvirtURI != "" {
		settings["libvirt_uri"] = c.LibvirtURI
	}
	builder := v.components.Builder()
	if _, _, err := builder.Prepare(settings); err != nil {
		return err
	}
	_, err = builder.Run(ctx, v.ui, hook)
	return err
}

// logs is where the builder, too, keeps the logs of a guest that did not come up.
func (v *verification) logs(phase string) string {
	return filepath.Join(v.directory, slug(phase)+".failed")
}

func slug(phase string) string { return strings.ReplaceAll(phase, " ", "-") }

// virtualSize is the size of the disk that a machine sees, in bytes.
func virtualSize(ctx context.Context, path string) (int64, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("no answer within a minute"))
	defer cancel()
	output, err := exec.CommandContext(ctx, "qemu-img", "info", "--output=json", "--", path).Output()
	var info struct {
		Size int64 `json:"virtual-size"`
	}
	if err == nil {
		err = json.Unmarshal(output, &info)
	}
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return 0, fmt.Errorf("qemu-img info: asking for the size of %s: %w", path, err)
	}
	return info.Size, nil
}

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
