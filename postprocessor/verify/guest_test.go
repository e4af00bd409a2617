package verify

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// serveGuest is an SSH server on loopback that answers each script, and says how to reach it as the builder does.
func serveGuest(t *testing.T, answer func(script string) (output string, status uint32)) map[string]any {
	t.Helper()
	_, userKey, err := ed25519.GenerateKey(nil)
	must(t, err)
	block, err := ssh.MarshalPrivateKey(userKey, "")
	must(t, err)
	_, hostKey, err := ed25519.GenerateKey(nil)
	must(t, err)
	signer, err := ssh.NewSignerFromKey(hostKey)
	must(t, err)
	config := &ssh.ServerConfig{PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, nil }}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			go serveConnection(raw, config, answer)
		}
	}()
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	return map[string]any{
		"Host": host, "Port": port, "User": "user-1", "SSHPrivateKey": string(pem.EncodeToMemory(block)),
		"SSHHostKey": string(ssh.MarshalAuthorizedKey(signer.PublicKey())), "IngotBootSeconds": "31.5",
	}
}

func serveConnection(raw net.Conn, config *ssh.ServerConfig, answer func(string) (string, uint32)) {
	_, channels, requests, err := ssh.NewServerConn(raw, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		for request := range requests {
			_ = request.Reply(request.Type == "exec", nil)
			if request.Type != "exec" {
				continue
			}
			script, _ := io.ReadAll(channel)
			output, status := answer(string(script))
			_, _ = io.WriteString(channel, output)
			_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
			_ = channel.Close()
		}
	}
}

func TestRunInGuest(t *testing.T) {
	g, err := newGuest(serveGuest(t, func(script string) (string, uint32) {
		if script == "hang" {
			time.Sleep(time.Minute)
		}
		return "ran " + script, uint32(strings.Count(script, "fail"))
	}))
	must(t, err)
	if got, err := g.run(t.Context(), time.Minute, "looking", "ls"); got != "ran ls" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := g.run(t.Context(), time.Minute, "looking", "fail"); err == nil || !strings.HasPrefix(err.Error(), "looking in the guest: Process exited with status 1") {
		t.Errorf("a script that fails: %v", err)
	}
	if _, err := g.run(t.Context(), 50*time.Millisecond, "looking", "hang"); err == nil || err.Error() != "looking in the guest: no end within 50ms" {
		t.Errorf("a script that hangs: %v", err)
	}
	if took := g.bootSeconds(); took != 31500*time.Millisecond {
		t.Errorf("boot: %s", took)
	}
}

func TestGuestMustShowItsHostKey(t *testing.T) {
	data := serveGuest(t, func(string) (string, uint32) { return "", 0 })
	data["SSHHostKey"] = serveGuest(t, nil)["SSHHostKey"]
	g, err := newGuest(data)
	must(t, err)
	if _, err := g.run(t.Context(), time.Minute, "looking", "ls"); err == nil || !strings.Contains(err.Error(), "host key mismatch") {
		t.Errorf("another machine answered: %v", err)
	}
}

func TestReboot(t *testing.T) {
	var asked atomic.Int32
	g, err := newGuest(serveGuest(t, func(script string) (string, uint32) {
		if strings.Contains(script, "systemctl") {
			return "", 0
		}
		return fmt.Sprintf("boot-id %d\n", asked.Add(1)/3), 0 // at the third look another one
	}))
	must(t, err)
	if _, err := g.reboot(t.Context(), time.Minute, "0"); err != nil || asked.Load() != 3 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
}

func TestRebootInVain(t *testing.T) {
	g, err := newGuest(serveGuest(t, func(string) (string, uint32) { return "boot-id same\n", 0 }))
	must(t, err)
	_, err = g.reboot(t.Context(), 400*time.Millisecond, "same")
	if err == nil || !strings.Contains(err.Error(), "boot_timeout: waited 400ms for the guest to reboot and let user-1 in at 127.0.0.1:") ||
		!strings.HasSuffix(err.Error(), "it has not gone down") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.reboot(ctx, time.Minute, "same"); err == nil {
		t.Error("a cancelled wait has no error")
	}
}
