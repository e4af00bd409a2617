//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// absent must not exist in a sealed image, or match nothing. The list is the union of what image builders delete.
var absent = []string{
	"home/*", "var/mail/*", "var/spool/mail/*", "var/spool/cron/crontabs/*", "var/spool/cron/atjobs/*",
	"etc/ssh/ssh_host_*", "root/.ssh/*", "root/.*_history", "root/.ansible", "root/.cache", "root/.lesshst", "root/.viminfo", "root/.wget-hsts",
	"etc/machine-info", "etc/hostname", "var/lib/systemd/random-seed", "var/lib/systemd/credential.secret",
	"etc/passwd-", "etc/shadow-", "etc/group-", "etc/gshadow-", "etc/subuid-", "etc/subgid-", "etc/.pwd.lock",
	"var/lib/cloud/*", "var/lib/dhcp/*", "var/lib/dhclient/*", "var/lib/dhcpcd/*", "var/lib/systemd/network/*", "var/lib/NetworkManager/*",
	"etc/netplan/50-cloud-init.yaml", "etc/NetworkManager/system-connections/*", "etc/udev/rules.d/70-*",
	"etc/sudoers.d/90-cloud-init-users", "etc/cloud/cloud-init.disabled", "etc/ssh/sshd_config.d/50-cloud-init.conf",
	"var/lib/apt/lists/*_*", "var/cache/ingot-*", "var/cache/apt/*.bin", "var/cache/apt/archives/*.deb", "var/lib/apt/periodic/*", "var/lib/dpkg/*-old",
	"tmp/*", "var/tmp/*", "var/crash/*", "core", "core.*", "swapfile", "swap.img", "var/lib/sudo/*/*", "var/lib/systemd/linger/*",
	"usr/sbin/policy-rc.d", "usr/lib/systemd/system-shutdown/ingot-seal", "etc/apt/apt.conf.d/*ingot*", "etc/dpkg/dpkg.cfg.d/*ingot*",
	"autoinstall.yaml", "preseed.cfg", "var/log/installer",
}

func TestSealedFile(t *testing.T) { eachImage(t, checkSealed) }

func checkSealed(t *testing.T, i image) {
	raw := rawImage(t, i)
	root, rootOffset := mountRoot(t, raw)
	m := i.manifest
	t.Run("nothing that must be absent", func(t *testing.T) { checkAbsent(t, root) })
	t.Run("machine-id is there and empty", func(t *testing.T) { checkMachineID(t, root) })
	t.Run("accounts are the distribution's", func(t *testing.T) { checkAccounts(t, root) })
	t.Run("no log has content", func(t *testing.T) { checkLogs(t, root) })
	t.Run("no file names the builder or the build", func(t *testing.T) { checkTraces(t, root, m.BuildID) })
	t.Run("no private key", func(t *testing.T) { checkPrivateKeys(t, root) })
	t.Run("no deleted trace on the disk", func(t *testing.T) { checkDeletedBytes(t, raw, rootOffset, m.BuildID) })
}

func checkAbsent(t *testing.T, root string) {
	for _, pattern := range absent {
		matches, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range matches {
			t.Errorf("/%s is in the image", inside(root, match))
		}
	}
}

func checkMachineID(t *testing.T, root string) {
	info, err := os.Lstat(filepath.Join(root, "etc/machine-id"))
	if err != nil || !info.Mode().IsRegular() || info.Size() != 0 {
		t.Errorf("/etc/machine-id must be an empty file: %v, %v", info, err)
	}
	if dbus, err := os.Lstat(filepath.Join(root, "var/lib/dbus/machine-id")); err == nil && dbus.Mode()&fs.ModeSymlink == 0 {
		t.Error("/var/lib/dbus/machine-id is a file of its own")
	}
}

// checkAccounts lets no login account through: those belong to deployment. 65534 is nobody.
func checkAccounts(t *testing.T, root string) {
	for _, account := range fields(t, root, "etc/passwd") {
		if len(account) < 7 || len(account[2]) > 3 && account[2] != "65534" {
			t.Errorf("/etc/passwd: %q is no account of the system", strings.Join(account, ":"))
		}
	}
	for _, account := range fields(t, root, "etc/shadow") {
		if !strings.HasPrefix(account[1], "!") && !strings.HasPrefix(account[1], "*") {
			t.Errorf("/etc/shadow: %s has a password or none is needed", account[0])
		}
	}
	for _, file := range []string{"etc/subuid", "etc/subgid"} {
		for _, line := range fields(t, root, file) {
			t.Errorf("/%s: %q is somebody's", file, strings.Join(line, ":"))
		}
	}
}

func fields(t *testing.T, root, name string) (lines [][]string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		lines = append(lines, strings.Split(strings.TrimSpace(line), ":"))
	}
	return lines
}

func checkLogs(t *testing.T, root string) {
	walk(t, filepath.Join(root, "var/log"), func(path string, info fs.FileInfo) {
		if info.Size() > 0 {
			t.Errorf("/%s has %d bytes", inside(root, path), info.Size())
		}
	})
}

// traces are looked for as words, in the places where people and programs keep state; the files of a package or of a publisher's
// archive may speak of builders as they like, but not of this one.
func checkTraces(t *testing.T, root, buildID string) {
	instance := `/home/builder\b|ingot-build\b|` + regexp.QuoteMeta("ingot-"+buildID)
	traces, foreign := regexp.MustCompile(`\bbuilder\b|`+instance), regexp.MustCompile(instance)
	for _, top := range []string{"etc", "var", "root", "home", "srv", "opt", "usr/local", "boot/grub"} {
		walk(t, filepath.Join(root, top), func(path string, _ fs.FileInfo) {
			name := inside(root, path)
			traces := traces
			for _, theirs := range []string{"var/lib/dpkg/", "var/cache/debconf/", "usr/local/lib/"} {
				if strings.HasPrefix(name, theirs) {
					traces = foreign
				}
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if found := traces.Find(content); found != nil || traces.MatchString(name) {
				t.Errorf("/%s: %q", name, found)
			}
		})
	}
}

// checkPrivateKeys looks for keys, not for programs that know what the first line of one looks like.
func checkPrivateKeys(t *testing.T, root string) {
	key := regexp.MustCompile(`(?m)^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{64}`)
	walk(t, root, func(path string, info fs.FileInfo) {
		if info.Size() > 1<<20 {
			return
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if key.Match(content) {
			t.Errorf("/%s holds a private key", inside(root, path))
		}
	})
}

// checkDeletedBytes reads the whole disk, also what belongs to no file: cloud-init writes the instance's name into many
// files of the build, and none of those bytes may travel. The journal of the root file system is left out: it keeps names
// of directories, never the content of a file.
func checkDeletedBytes(t *testing.T, raw string, rootOffset int64, buildID string) {
	f, err := os.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	needle, block := []byte("ingot-"+buildID), make([]byte, blockSize+64)
	for offset := int64(0); ; offset += blockSize {
		data, err := unix.Seek(int(f.Fd()), offset, unix.SEEK_DATA) // most of the disk is a hole
		if err != nil {
			return
		}
		offset = data - data%blockSize
		n, err := f.ReadAt(block, offset)
		if bytes.Contains(block[:n], needle) && !inJournal(t, raw, rootOffset, offset) {
			t.Errorf("byte %d of the disk or one close behind still says %q", offset, needle)
		}
		if err != nil {
			return
		}
	}
}

// blockSize of the root file system, in bytes, as mke2fs chooses it for a disk of this size.
const blockSize = 4096

// inJournal asks debugfs for the inode of a block; 8 is the journal's.
func inJournal(t *testing.T, raw string, rootOffset, offset int64) bool {
	answer := run(t, "debugfs", "-R", fmt.Sprintf("icheck %d", (offset-rootOffset)/blockSize), fmt.Sprintf("%s?offset=%d", raw, rootOffset))
	fields := strings.Fields(string(answer))
	return len(fields) > 0 && fields[len(fields)-1] == "8"
}

func walk(t *testing.T, top string, visit func(path string, info fs.FileInfo)) {
	t.Helper()
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			visit(path, info)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func inside(root, path string) string {
	name, _ := filepath.Rel(root, path)
	return name
}
