package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// guest is a running machine, as the builder describes it to provisioners.
type guest struct {
	address string // host:port
	config  *ssh.ClientConfig
	data    map[string]any
}

// newGuest reads the data that the builder generated.
func newGuest(data map[string]any) (*guest, error) {
	text := func(key string) string { return fmt.Sprint(data[key]) }
	key, keyErr := ssh.ParsePrivateKey([]byte(text("SSHPrivateKey")))
	host, _, _, _, hostErr := ssh.ParseAuthorizedKey([]byte(text("SSHHostKey")))
	if err := errors.Join(keyErr, hostErr); err != nil {
		return nil, fmt.Errorf("reading how to reach the guest: %w", err)
	}
	return &guest{
		address: net.JoinHostPort(text("Host"), text("Port")), data: data,
		config: &ssh.ClientConfig{
			User: text("User"), Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
			HostKeyCallback: ssh.FixedHostKey(host), HostKeyAlgorithms: []string{host.Type()},
		},
	}, nil
}

// bootSeconds is how long the guest took from power-on to login, or 0 when the builder does not say.
func (g *guest) bootSeconds() time.Duration {
	took, _ := time.ParseDuration(fmt.Sprint(g.data["IngotBootSeconds"]) + "s")
	return took
}

// run runs a shell script as root, on a connection of its own: one that was open before a reboot hangs. It returns what is printed.
func (g *guest) run(ctx context.Context, limit time.Duration, what, script string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no end within %s", limit))
	defer cancel()
	output, err := g.runNow(ctx, script)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("%s in the guest: %w", what, err)
	}
	return output, nil
}

func (g *guest) runNow(ctx context.Context, script string) (string, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", g.address)
	if err != nil {
		return "", err
	}
	defer raw.Close()
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })() // ends whatever waits for the guest
	conn, channels, requests, err := ssh.NewClientConn(raw, g.address, g.config)
	if err != nil {
		return "", err
	}
	client := ssh.NewClient(conn, channels, requests)
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return "", err
	}
	var stderr bytes.Buffer
	session.Stdin, session.Stderr = strings.NewReader(script), &stderr
	output, err := session.Output("sudo -n sh")
	if err != nil {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return string(output), err
}
