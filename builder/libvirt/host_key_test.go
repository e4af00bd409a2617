package libvirt

import (
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// TestHostKeyIsChecked speaks to a real SSH server that has the build's host key, and to one that has another.
func TestHostKeyIsChecked(t *testing.T) {
	ours, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	strangers, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	if err := login(t, ours, ours.host); err != nil {
		t.Errorf("the right host key is refused: %v", err)
	}
	err = login(t, ours, strangers.host)
	if err == nil || !strings.Contains(err.Error(), "not the one that this build gave the guest") {
		t.Errorf("a stranger's host key: want a refusal, got %v", err)
	}
}

func login(t *testing.T, keys identity, shown keyPair) error {
	t.Helper()
	c, err := testConfig(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Comm.SSHPrivateKey = []byte(keys.user.private)
	state, _ := testState(t)
	stateIdentity.put(state, keys)
	config, err := c.sshConfig(state)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ssh.Dial("tcp", serve(t, shown, keys.user.parsed), config)
	if err == nil {
		_ = client.Close()
	}
	return err
}

// serve is an SSH server for one connection.
func serve(t *testing.T, host keyPair, user ssh.PublicKey) string {
	t.Helper()
	signer, err := ssh.ParsePrivateKey([]byte(host.private))
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) == string(user.Marshal()) {
			return nil, nil
		}
		return nil, net.ErrClosed
	}}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		server, channels, requests, err := ssh.NewServerConn(conn, config)
		if err != nil {
			return
		}
		defer server.Close()
		go ssh.DiscardRequests(requests)
		for channel := range channels {
			_ = channel.Reject(ssh.Prohibited, "")
		}
	}()
	return listener.Addr().String()
}
