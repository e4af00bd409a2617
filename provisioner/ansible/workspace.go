package ansible

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

// workspaces begin with this name; the next run removes those whose owner was killed.
const workspacePrefix = "ingot-ansible-"

//go:embed callback/ingot_events.py
var callback []byte

// plainPath is a path that needs no quoting on a command line of ssh and leaves room for the sockets' names (at most 108 bytes).
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._-]{1,60}$`)

// workspace is the private folder of one run. It, and all that still uses it, is gone after close.
type workspace struct {
	dir   string
	lock  *os.File // held while its owner lives
	agent net.Listener
}

// newWorkspace makes an empty workspace, after removing abandoned ones.
func newWorkspace() (*workspace, error) {
	base := os.TempDir()
	if !plainPath.MatchString(base) {
		base = "/tmp"
	}
	removeAbandoned(base)
	dir, err := os.MkdirTemp(base, workspacePrefix) // mode 0700
	if err != nil {
		return nil, fmt.Errorf("making a temporary folder for Ansible: %w", err)
	}
	lock, err := lockDirectory(dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", dir, err), os.RemoveAll(dir))
	}
	return &workspace{dir: dir, lock: lock}, nil
}

// fill writes what Ansible reads and begins to serve the key.
func (w *workspace) fill(c *Config, g *guest) error {
	variables, variablesErr := c.extraVariables(g.artifacts)
	inventory, inventoryErr := g.inventory(w.dir)
	if err := errors.Join(variablesErr, inventoryErr, os.Mkdir(filepath.Join(w.dir, filepath.Dir(callbackFile)), 0o700)); err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		variablesFile:  variables,
		inventoryFile:  inventory,
		knownHostsFile: g.knownHosts(),
		callbackFile:   callback,
		configFile:     nil, // stands for an ansible.cfg that the user's folder does not have
	} {
		if err := os.WriteFile(filepath.Join(w.dir, name), content, 0o600); err != nil {
			return fmt.Errorf("preparing Ansible's run: %w", err)
		}
	}
	var err error
	w.agent, err = serveAgent(filepath.Join(w.dir, agentFile), g.privateKey)
	return err
}

// close ends every process that still uses the workspace (ssh's master connection does by design) and removes it.
func (w *workspace) close() error {
	err := endProcessesOf(w.dir)
	if w.agent != nil {
		err = errors.Join(err, w.agent.Close())
	}
	return errors.Join(err, os.RemoveAll(w.dir), w.lock.Close())
}

func lockDirectory(dir string) (*os.File, error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
