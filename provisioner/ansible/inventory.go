package ansible

import (
	"encoding/json"
	"path/filepath"
	"strings"
)

// Names of what a run keeps in its workspace.
const (
	agentFile      = "agent"
	configFile     = "ansible.cfg"
	inventoryFile  = "inventory.json"
	knownHostsFile = "known_hosts"
	variablesFile  = "variables.json"
	callbackFile   = "callback/ingot_events.py"
)

// inventory has the guest as its one host, `image`. A group of the same name would only make Ansible warn.
func (g *guest) inventory(dir string) ([]byte, error) {
	return json.MarshalIndent(map[string]any{"all": map[string]any{"hosts": map[string]any{"image": map[string]any{
		"ansible_connection": "ssh",
		"ansible_host":       g.host,
		"ansible_port":       g.port,
		"ansible_user":       g.user,
		"ansible_ssh_args":   strings.Join(sshArguments(dir), " "),
	}}}}, "", "  ")
}

// sshArguments make ssh use our agent, our known_hosts and our master connection, and nothing of the user's or this machine's.
// ssh takes the first value of an option, so nothing that Ansible appends undoes them.
func sshArguments(dir string) []string {
	args := []string{"-F", "/dev/null"}
	for _, option := range []string{
		"IdentityAgent=" + filepath.Join(dir, agentFile),
		"IdentityFile=none", // only the agent's one key
		"PreferredAuthentications=publickey",
		"BatchMode=yes", // never ask anybody
		"StrictHostKeyChecking=yes",
		"UserKnownHostsFile=" + filepath.Join(dir, knownHostsFile),
		"GlobalKnownHostsFile=/dev/null",
		"UpdateHostKeys=no",
		"ForwardAgent=no",
		"ControlMaster=auto",
		"ControlPersist=60s", // how long the master outlives a plugin that was killed
		"ControlPath=" + filepath.Join(dir, "master"),
		"ConnectTimeout=60", // an emulated guest is slow
		"ServerAliveInterval=15",
		"ServerAliveCountMax=8",
	} {
		args = append(args, "-o", option)
	}
	return args
}
