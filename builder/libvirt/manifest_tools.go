package libvirt

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"

	"github.com/ingot-images/packer-plugin-ingot/version"
)

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
