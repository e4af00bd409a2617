package libvirt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"

	"github.com/ingot-images/packer-plugin-ingot/version"
)

// manifest is manifest.json: what went into the image, and how long it took.
type manifest struct {
	Name    string            `json:"name"`
	BuildID string            `json:"build_id"`
	BuiltAt time.Time         `json:"built_at"` // UTC
	Image   manifestImage     `json:"image"`
	Source  manifestSource    `json:"source"`
	Profile json.RawMessage   `json:"profile,omitempty"`
	Guest   manifestGuest     `json:"guest"`
	Tools   map[string]string `json:"tools"`
	Phases  []phaseTime       `json:"phases"`
	Tasks   []taskTime        `json:"tasks,omitempty"`
}

type manifestImage struct {
	File        string `json:"file"`
	Checksum    string `json:"checksum"`
	Size        int64  `json:"size_bytes"`
	VirtualSize int64  `json:"virtual_size_bytes"`
	Compression string `json:"compression"`
}

type manifestSource struct {
	Location string `json:"location"`
	Checksum string `json:"checksum"`
	Format   string `json:"format"`
}

type manifestGuest struct {
	Architecture string `json:"architecture"`
	Accelerator  string `json:"accelerator"`
	Firmware     string `json:"firmware"`
	Machine      string `json:"machine"`
	CPUs         int    `json:"cpus"`
	Memory       int    `json:"memory_mib"`
}

func (c *Config) manifest(ctx context.Context, state multistep.StateBag, t *timings) ([]byte, error) {
	build, exported, source := stateBuild.get(state), stateExported.get(state), stateSource.get(state)
	content, err := json.MarshalIndent(manifest{
		Name: c.PackerBuildName, BuildID: build.id.ID, BuiltAt: time.Now().UTC().Truncate(time.Second),
		Image: manifestImage{
			File: c.ImageName, Checksum: exported.checksum, Size: exported.size,
			VirtualSize: int64(c.DiskSize) << 20, Compression: c.Compression,
		},
		Source:  manifestSource{Location: c.sourceName(), Checksum: source.Checksum, Format: source.Format},
		Profile: json.RawMessage(c.Manifest),
		Guest: manifestGuest{
			Architecture: guestArchitecture().name, Accelerator: stateAccelerator.get(state).String(),
			Firmware: c.Firmware, Machine: c.Machine, CPUs: c.CPUs, Memory: c.Memory,
		},
		Tools:  c.tools(ctx, state),
		Phases: t.Phases,
		Tasks:  readTaskTimes(build.file(taskTimesFile)),
	}, "", "  ")
	return append(content, '\n'), err
}

// tools names the versions that made the image.
func (c *Config) tools(ctx context.Context, state multistep.StateBag) map[string]string {
	tools := map[string]string{
		"packer": c.PackerCoreVersion, "packer-plugin-ingot": version.PluginVersion.FormattedVersion(),
		"qemu": stateAccelerator.get(state).version(),
	}
	if v, err := stateConnection.get(state).GetLibVersion(); err == nil {
		tools["libvirt"] = fmt.Sprintf("%d.%d.%d", v/1_000_000, v/1000%1000, v%1000)
	}
	for _, command := range c.RequiredCommands {
		if v := commandVersion(ctx, command); v != "" {
			tools[command] = v
		}
	}
	return tools
}

// commandVersion is the first line that the program prints of itself; not every program (ssh) knows --version.
func commandVersion(ctx context.Context, command string) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, command, "--version").Output()
	if err != nil {
		return ""
	}
	first, _, _ := bytes.Cut(output, []byte("\n"))
	return strings.TrimSpace(string(first))
}
