package ansible

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
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
	cmd.Env = environment(os.Environ(), dir, settings)
	// A session of its own: a process group to end as a whole, and no terminal on which anything could ask.
	// The kernel ends it when this plugin is killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 3 * time.Second
	return cmd
}

// run runs cmd to its end and hands each event to follow. Nothing that works in dir is left when it returns.
func run(cmd *exec.Cmd, dir string, out *runLog, follow func(<-chan event)) error {
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe for Ansible's events: %w", err)
	}
	defer read.Close()
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = out, out, []*os.File{write}

	runtime.LockOSThread() // Pdeathsig counts from the end of the thread that started the child
	defer runtime.UnlockOSThread()
	err = cmd.Start()
	_ = write.Close() // the child has its own
	if err != nil {
		return err
	}
	events, done := make(chan event), make(chan struct{})
	go readEvents(read, events)
	go func() {
		defer close(done)
		follow(events)
	}()
	err = errors.Join(cmd.Wait(), endProcessesOf(dir))
	_ = read.SetReadDeadline(time.Now().Add(time.Second)) // all writers are gone; this is for one that is not
	<-done
	return err
}
