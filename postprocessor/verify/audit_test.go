package verify

import (
	"context"
	"encoding/binary"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the want section of the cases")

// TestAuditTree runs every testdata/tree/*.txtar: its files are a root file system, and its section "want" has all problems. What depends
// on who owns the files is left out; `make test-mutations` looks at that, and at everything else, in a real image.
func TestAuditTree(t *testing.T) {
	cases, err := filepath.Glob("testdata/tree/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			must(t, err)
			root, last := t.TempDir(), len(archive.Files)-1
			for _, f := range archive.Files[:last] {
				writeTree(t, filepath.Join(root, f.Name), string(f.Data))
			}
			want, err := newExpectations(`{"distributions": {"debian-13": {"users": ["root", "nobody"], "groups": ["root"], "world_writable": ["/tmp"]}},
				"tasks": {"packages": {"privileged": ["4755 root:root /usr/bin/su"]}}}`, []string{"packages", "read-only-root"}, "0123abcd")
			must(t, err)
			var got strings.Builder
			for _, c := range auditTree(t.Context(), tree{root: root}, want) {
				for _, problem := range c.Problems {
					if c.Name != "what root runs belongs to root" && !strings.Contains(problem, "must be root's") {
						got.WriteString(c.Name + ": " + problem + "\n")
					}
				}
			}
			if *update {
				archive.Files[last].Data = []byte(got.String())
				must(t, os.WriteFile(path, txtar.Format(archive), 0o644))
			} else if want := string(archive.Files[last].Data); got.String() != want {
				t.Errorf("\n got: %s\nwant: %s", got.String(), want)
			}
		})
	}
}

// writeTree writes a file; "-> target" is a link.
func writeTree(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	if target, isLink := strings.CutPrefix(strings.TrimSpace(text), "-> "); isLink {
		must(t, os.Symlink(target, path))
		return
	}
	if text == "(empty)\n" {
		text = ""
	}
	must(t, os.WriteFile(path, []byte(text), 0o755))
	must(t, os.Chmod(path, 0o755))
}

func TestCapabilities(t *testing.T) {
	attribute := func(words ...uint32) (value []byte) {
		for _, word := range words {
			value = binary.LittleEndian.AppendUint32(value, word)
		}
		return value
	}
	for _, c := range []struct {
		name  string
		value []byte
		want  string
	}{
		{"revision 1", attribute(0x01000001, 1<<13, 0), "cap_net_raw=ep"},
		{"revision 2, two", attribute(0x02000001, 1<<12|1<<13, 0, 0, 0), "cap_net_admin,cap_net_raw=ep"},
		{"above 31", attribute(0x02000001, 0, 0, 1<<(39-32), 0), "cap_bpf=ep"},
		{"revision 3, of a namespace", attribute(0x03000000, 1, 0, 0, 0, 1000), "cap_chown=p"},
		{"inheritable too", attribute(0x02000001, 1<<13, 1<<13|1, 0, 0), "cap_net_raw=eip cap_chown=ei"},
		{"unknown to us", attribute(0x02000000, 0, 0, 1<<(50-32), 0), "50=p"},
		{"none of the kernel's", []byte("x"), "unreadable (1 bytes)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := capabilities(c.value); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestSecrets: keys are found in any form, in files of any size, and nothing else is taken for one.
func TestSecrets(t *testing.T) {
	body := strings.Repeat("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQ\n", 3)
	pem := "-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + "-----END OPENSSH PRIVATE KEY-----\n"
	for _, c := range []struct{ name, text, want string }{
		{"OpenSSH", pem, "holds a private key (-----BEGIN OPENSSH PRIVATE KEY-----)"},
		{"with lines of Windows", strings.ReplaceAll(pem, "\n", "\r\n"), "holds a private key (-----BEGIN OPENSSH PRIVATE KEY-----)"},
		{"encrypted RSA", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n" + body, "holds a private key (-----BEGIN RSA PRIVATE KEY-----)"},
		{"OpenPGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + body, "holds a private key (-----BEGIN PGP PRIVATE KEY BLOCK-----)"},
		{"across two pieces", strings.Repeat("x", piece+longest-20) + pem, "holds a private key (-----BEGIN OPENSSH PRIVATE KEY-----)"},
		{"behind much else", strings.Repeat("x", 5*piece+7) + pem, "holds a private key (-----BEGIN OPENSSH PRIVATE KEY-----)"},
		{"PuTTY", "PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\n", "holds a private key (PuTTY-User-Key-File-3: ssh-ed25519)"},
		{"WireGuard", "[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n", "holds a private key (PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+h)"},
		{"age", "AGE-SECRET-KEY-1" + strings.Repeat("Q", 58), "holds a private key (AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQ)"},
		{"in a program, for its self-test", "\x7fELF" + pem, ""},
		{"the first line alone", "grep -e '-----BEGIN OPENSSH PRIVATE KEY-----'\n", ""},
		{"a public key", strings.ReplaceAll(pem, "PRIVATE", "PUBLIC"), ""},
		{"a class of Go", "type PrivateKey = ed25519.PrivateKey\n", ""},
		{"home of the build's user", "PATH=/home/builder/bin\n", `says "/home/builder", which only the build knew`},
		{"name of its machine", "127.0.1.1 ingot-build\n", `says "ingot-build", which only the build knew`},
		{"its instance", "iid: ingot-0123abcd\n", `says "ingot-0123abcd", which only the build knew`},
		{"another instance", "ingot-4567abcd ingot-builds ingot-state /home/builders\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			must(t, os.WriteFile(filepath.Join(root, "file"), []byte(c.text), 0o600))
			one := &entry{path: "/file"}
			r := &contentReader{root: root, traces: expectations{buildID: "0123abcd"}.traces(), buffer: make([]byte, piece+longest)}
			must(t, r.read(t.Context(), one, ""))
			if got := strings.Join(one.problems, "\n"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestWithoutRoot runs itself as nobody: the disk is looked at, the root file system is not, and the report says why.
func TestWithoutRoot(t *testing.T) {
	raw := testDisk(t)
	if os.Geteuid() != 0 {
		d, err := openDisk(t.Context(), raw, t.TempDir())
		must(t, err)
		checks := auditPartitions(t.Context(), d, expectations{})
		if len(checks) != 1 || !strings.Contains(checks[0].Skipped, "needs root") || len(checks[0].Problems) > 0 {
			t.Errorf("want one check, skipped for want of root: %+v", checks)
		}
		must(t, d.close())
		return
	}
	binary := filepath.Join(t.TempDir(), "verify.test") // the test's own is where only root goes
	content, err := os.ReadFile(os.Args[0])
	must(t, err)
	must(t, os.WriteFile(binary, content, 0o755))
	for directory := filepath.Dir(binary); directory != os.TempDir(); directory = filepath.Dir(directory) {
		must(t, os.Chmod(directory, 0o755))
	}
	command := exec.CommandContext(context.Background(), binary, "-test.run=^TestWithoutRoot$")
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("as nobody: %v\n%s", err, output)
	}
}
