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
)

// look asks a guest that runs, and has let its user in.
type look func(ctx context.Context, g *guest) []Check

// boot makes a machine from the image: on a throw-away disk, with a user, a name, an instance and a network card of its own.
func (v *verification) boot(ctx context.Context, phase string, ask look) []Check {
	login := Check{Phase: phase, Name: "a new machine lets its user in"}
	v.ui.Sayf("Booting the image: %s", phase)
	hook := &hook{logs: v.logs(phase), ask: ask}
	err := os.RemoveAll(hook.logs) // of an earlier verification
	if err == nil {
		err = v.runBuilder(ctx, phase, hook)
	}
	if err != nil {
		login.Problems = append([]string{err.Error()}, lastWords(filepath.Join(hook.logs, consoleFile))...)
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
