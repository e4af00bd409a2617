package ansible

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// command is ansible-playbook over the workspace. The arguments that hold the run together come last, so that they win.
func (c *Config) command(ctx context.Context, root, dir string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.AnsiblePlaybook, slices.Concat(c.ExtraArguments, []string{
		"--inventory", filepath.Join(dir, inventoryFile),
		"--extra-vars", "@" + filepath.Join(dir, variablesFile),
		"--", c.Playbook,
	})...)
	settings := filepath.Join(root, configFile)
	if _, err := os.Stat(settings); err != nil {
		settings = filepath.Join(dir, configFile) // an empty one, else Ansible looks in the user's home and /etc
	}
	cmd.Dir = root
	cmd.Env = append(environment(os.Environ(), dir, settings), "INGOT_TASKS="+strings.Join(c.Tasks, " "))
	// A session of its own: a process group to end as a whole, and no terminal on which anything could ask.
	// The kernel ends it when this plugin is killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 3 * time.Second
	return cmd
}
