package ansible

import (
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// startGuest runs OpenSSH's server on a loopback port as this very user and returns what a builder would say of it.
func startGuest(t *testing.T) map[string]any {
	t.Helper()
	sshd := lookPath(t, "sshd", "/usr/sbin/sshd")
	lookPath(t, "ansible-playbook")
	me, err := user.Current()
	check(t, err)
	if me.Uid == "0" {
		check(t, os.MkdirAll("/run/sshd", 0o755)) // root's sshd insists on it
	}
	dir := t.TempDir()
	hostKeyFile, hostKey := writeKey(t, dir, "host")
	clientKeyFile, clientKey := writeKey(t, dir, "client")
	check(t, os.WriteFile(filepath.Join(dir, "authorized"), []byte(clientKey), 0o600))
	port := freePort(t)
	config := filepath.Join(dir, "sshd_config")
	check(t, os.WriteFile(config, []byte(strings.Join([]string{
		"ListenAddress 127.0.0.1", fmt.Sprint("Port ", port), "HostKey " + hostKeyFile, "AuthorizedKeysFile " + filepath.Join(dir, "authorized"),
		"PidFile none", "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin prohibit-password",
		"Subsystem sftp internal-sftp", "",
	}, "\n")), 0o600))
	server := exec.Command(sshd, "-D", "-e", "-f", config)
	server.Stderr = &lines{}
	check(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Logf("sshd said:\n%s", server.Stderr)
		}
	})
	waitForPort(t, port)
	key, err := os.ReadFile(clientKeyFile)
	check(t, err)
	return map[string]any{
		"Host": "127.0.0.1", "Port": port, "User": me.Username, "SSHPrivateKey": string(key), "SSHHostKey": hostKey,
		"IngotBuildDirectory": t.TempDir(),
	}
}

func writeKey(t *testing.T, dir, name string) (file, public string) {
	t.Helper()
	pub, private, err := ed25519.GenerateKey(nil)
	check(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	check(t, err)
	file = filepath.Join(dir, name)
	check(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	sshPub, err := ssh.NewPublicKey(pub)
	check(t, err)
	return file, string(ssh.MarshalAuthorizedKey(sshPub))
}

func privateKey(t *testing.T) string {
	t.Helper()
	file, _ := writeKey(t, t.TempDir(), "key")
	content, err := os.ReadFile(file)
	check(t, err)
	return string(content)
}

func lookPath(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed; run: apt-get install ansible-core openssh-client openssh-server", names[0])
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func waitForPort(t *testing.T, port int) {
	t.Helper()
	eventually(t, "sshd answers", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// eventually polls for at most a minute: other tests may load the machine.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
