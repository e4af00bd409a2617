package ansible

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// guest is the running machine, as the builder describes it.
type guest struct {
	host       string
	port       int
	user       string
	privateKey any           // of the one-build key pair
	hostKey    ssh.PublicKey // by which the guest must prove itself
	directory  string        // of the build on this machine, or empty
	artifacts  artifacts     // the files that it has already
	tasksDone  []string      // the task files that are on its disk already
	checkpoint string        // the builder's socket for checkpoints, or empty
}

// newGuest reads the data that the builder generated. No value of it is shown: one is the private key.
func newGuest(data map[string]any) (*guest, error) {
	text := func(key string) string {
		value, _ := data[key].(string)
		return value
	}
	g := &guest{host: text("Host"), user: text("User"), directory: text("IngotBuildDirectory"), checkpoint: text("IngotCheckpoint")}
	var portErr, keyErr, hostKeyErr, artifactsErr, tasksErr error
	g.port, portErr = strconv.Atoi(fmt.Sprint(data["Port"]))
	g.privateKey, keyErr = ssh.ParseRawPrivateKey([]byte(text("SSHPrivateKey")))
	g.hostKey, _, _, _, hostKeyErr = ssh.ParseAuthorizedKey([]byte(text("SSHHostKey")))
	g.artifacts, artifactsErr = parseArtifacts(text("IngotArtifacts"))
	g.tasksDone, tasksErr = parseTasksDone(text("IngotTasksDone"))
	if err := errors.Join(
		missing("Host", "the guest's address", g.host == ""),
		missing("Port", "the port of its SSH server", portErr != nil || g.port < 1 || g.port > 65535),
		missing("User", "the user to log in as", g.user == ""),
		missing("SSHPrivateKey", "a private key without a passphrase", keyErr != nil),
		missing("SSHHostKey", "the guest's public host key", hostKeyErr != nil),
		missing("IngotArtifacts", "a JSON object, checksum to URL, or nothing", artifactsErr != nil),
		missing("IngotTasksDone", "a JSON list of task files, or nothing", tasksErr != nil),
	); err != nil {
		return nil, fmt.Errorf("ingot-ansible: reading how to reach the guest (source \"ingot-libvirt\" says it): %w", err)
	}
	return g, nil
}

func missing(key, what string, bad bool) error {
	if bad {
		return fmt.Errorf("%s: the builder must hand over %s", key, what)
	}
	return nil
}

// knownHosts is the only known_hosts file that ssh gets to see.
func (g *guest) knownHosts() []byte {
	address := knownhosts.Normalize(net.JoinHostPort(g.host, strconv.Itoa(g.port)))
	return []byte(knownhosts.Line([]string{address}, g.hostKey) + "\n")
}
