package ansible

import (
	"fmt"
	"net"

	"golang.org/x/crypto/ssh/agent"
)

// serveAgent answers ssh on a socket with the one-build key, which so never gets into a file. It ends when the listener is closed.
func serveAgent(socket string, privateKey any) (net.Listener, error) {
	keyring := agent.NewKeyring()
	if err := keyring.Add(agent.AddedKey{PrivateKey: privateKey, Comment: "ingot"}); err != nil {
		return nil, fmt.Errorf("SSHPrivateKey: adding it to the agent: %w", err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("serving the build's SSH key to Ansible: %w", err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go func() {
				defer func() { _ = conn.Close() }()
				_ = agent.ServeAgent(keyring, conn)
			}()
		}
	}()
	return listener, nil
}
