package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"golang.org/x/crypto/ssh"
)

// stepWaitSSH waits until an SSH server introduces itself, so that the SDK's own step, which sleeps for seconds
// between attempts, connects at its first one.
type stepWaitSSH struct{ config *Config }

func (s *stepWaitSSH) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	if s.config.Comm.SSHBastionHost != "" || s.config.Comm.SSHProxyHost != "" {
		return multistep.ActionContinue
	}
	address := net.JoinHostPort(stateAddress.get(state), strconv.Itoa(s.config.sshPort(state)))
	uiOf(state).Say("Waiting for the guest to boot (SSH at " + address + ")")
	err := poll(ctx, s.config.Comm.SSHTimeout, 250*time.Millisecond, "SSH at "+address, func() (bool, error) {
		return answersSSH(ctx, address), nil
	})
	if err != nil {
		return halt(state, err)
	}
	return multistep.ActionContinue
}

func (s *stepWaitSSH) Cleanup(multistep.StateBag) {}

// answersSSH reports whether the server sends its identification string (RFC 4253 §4.2): QEMU accepts
// connections to a forwarded port long before the guest does.
func answersSSH(ctx context.Context, address string) bool {
	dialer := net.Dialer{Timeout: 2 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return false
	}
	greeting := make([]byte, 4)
	_, err = io.ReadFull(conn, greeting)
	return err == nil && string(greeting) == "SSH-"
}

// sshPort is the guest's, or the one of 127.0.0.1 that leads to it.
func (c *Config) sshPort(state multistep.StateBag) int {
	if c.NetworkType == "user" {
		return stateSSHPort.get(state)
	}
	return c.Comm.SSHPort
}

// sshConfig is the SDK's, with the one host key that the guest may show. Packer never checks it otherwise.
func (c *Config) sshConfig(state multistep.StateBag) (*ssh.ClientConfig, error) {
	config, err := c.Comm.SSHConfigFunc()(state)
	if err != nil {
		return nil, err
	}
	want := stateIdentity.get(state).host.parsed
	if want == nil {
		return nil, errors.New("no host key to check the guest against")
	}
	config.HostKeyAlgorithms = []string{want.Type()}
	config.HostKeyCallback = func(host string, _ net.Addr, got ssh.PublicKey) error {
		if string(got.Marshal()) == string(want.Marshal()) {
			return nil
		}
		err := fmt.Errorf("the host key of %s is %s, not the one that this build gave the guest (%s)",
			host, ssh.FingerprintSHA256(got), ssh.FingerprintSHA256(want))
		uiOf(state).Error(err.Error())
		return err
	}
	return config, nil
}
