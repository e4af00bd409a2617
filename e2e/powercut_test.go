//go:build e2e

package e2e

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// writer writes to all that the state has, as fast as it can, from early in each boot on.
const writer = `
write_files:
  - path: /etc/systemd/system/writer.service
    content: |
      [Unit]
      DefaultDependencies=no
      After=local-fs.target
      [Service]
      StandardOutput=tty
      TTYPath=/dev/ttyS0
      ExecStart=sh -c 'echo writer: begins; n=0; while :; do n=$((n + 1)); for d in /etc /var/lib /home/somebody; do echo $n > $d/n.new && sync $d/n.new && mv $d/n.new $d/n; dd if=/dev/zero of=$d/bulk bs=64k count=16 status=none; done; done'
      [Install]
      WantedBy=sysinit.target
runcmd: ["systemctl daemon-reload && systemctl enable --now --no-block writer.service"]
`

// identity is what a machine must not lose.
const identity = "cat /etc/machine-id /etc/hostname; sudo cat /etc/ssh/ssh_host_*_key.pub; getent passwd somebody; sudo getent shadow somebody; sudo sha256sum /home/somebody/.ssh/authorized_keys"

// settled waits until the first boot counts as done; a power cut before that makes the next boot the first.
const settled = "until [ -e /state/settled ]; do sleep 1; done; "

// TestPowerCuts kills a machine again and again while it writes. INGOT_POWER_CUTS says how often; without it the test is left out.
func TestPowerCuts(t *testing.T) {
	cuts, _ := strconv.Atoi(os.Getenv("INGOT_POWER_CUTS"))
	if cuts == 0 {
		t.Skip("takes some minutes: make test-state runs it")
	}
	eachImage(t, func(t *testing.T, i image) {
		before := rootPartition(t, i.path)
		m := newMachine(t, i, writer, nil)
		was := m.ssh(settled + identity)
		m.waitConsole("writer: begins", 1)
		for n := range cuts {
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond)
			m.kill()
			m.start()
			m.waitConsole("writer: begins", n+2)
		}
		if is := m.ssh("sudo systemctl is-system-running --wait >/dev/null || systemctl --failed --no-legend; " + identity); is != was {
			t.Errorf("after %d power cuts:\n%s\nbefore:\n%s", cuts, is, was)
		}
		for _, file := range []string{"/etc/n", "/var/lib/n", "/home/somebody/n"} {
			if _, err := strconv.Atoi(m.ssh("cat " + file)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		fill := "sudo systemctl disable --now writer 2>/dev/null; dd if=/dev/zero of=fill bs=1M 2>/dev/null; sudo dd if=/dev/zero of=/var/lib/fill bs=1M 2>/dev/null; sync; df --output=avail /state | tail -n 1"
		t.Logf("full: %s KiB are left", m.ssh(fill))
		m.kill()
		m.start()
		if is := m.ssh(identity); is != was {
			t.Errorf("after a boot with a full state:\n%s\nbefore:\n%s", is, was)
		}
		m.kill()
		if after := rootPartition(t, m.file("disk.qcow2")); after != before {
			t.Errorf("the root partition has changed: %s, was %s", after, before)
		}
		t.Logf("%d power cuts, then a full state: the identity is kept, the root partition is as it was, %s", cuts, before)
	})
}

// TestStateOnAnotherDisk gives an empty disk to a machine, and then the same disk to another machine of the image.
func TestStateOnAnotherDisk(t *testing.T) {
	if os.Getenv("INGOT_POWER_CUTS") == "" {
		t.Skip("takes some minutes: make test-state runs it")
	}
	eachImage(t, func(t *testing.T, i image) {
		state := filepath.Join(t.TempDir(), "state.qcow2")
		run(t, "qemu-img", "create", "-q", "-f", "qcow2", state, "1G")
		m := newMachine(t, i, "", map[string]string{"ingot-state": state})
		was := m.ssh(settled + "findmnt -no SOURCE --mountpoint /state; " + identity)
		m.kill()
		other := newMachine(t, i, "", map[string]string{"ingot-state": state})
		for _, name := range []string{"key", "key.pub"} { // the machine is the same person's
			if err := os.Rename(m.file(name), other.file(name)); err != nil {
				t.Fatal(err)
			}
		}
		if is := other.ssh("findmnt -no SOURCE --mountpoint /state; " + identity); is != was {
			t.Errorf("with the state of another machine:\n%s\nthat was:\n%s", is, was)
		}
	})
}

// rootPartition is the checksum of the first partition, with its holes as zeroes.
func rootPartition(t *testing.T, path string) string {
	t.Helper()
	raw := filepath.Join(t.TempDir(), "root.raw")
	run(t, "qemu-img", "convert", "-O", "raw", path, raw)
	defer os.Remove(raw)
	f, err := os.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var parts struct {
		Table struct {
			Partitions []struct{ Start, Size int64 } // sectors of 512 bytes
		} `json:"partitiontable"`
	}
	if err := json.Unmarshal(run(t, "sfdisk", "--json", raw), &parts); err != nil {
		t.Fatal(err)
	}
	root := parts.Table.Partitions[0]
	digest := sha256.New()
	if _, err := io.Copy(digest, io.NewSectionReader(f, root.Start*512, root.Size*512)); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("sha256:%x", digest.Sum(nil))
}
