//go:build mutations

package verify

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bootMutations are defects that only a running machine shows. All of them are planted in one image, since a boot takes long, and none
// keeps the machine from letting its user in. The scripts of `boot` run in the guest, as root, late in every boot.
var bootMutations = []struct {
	phase string // that must report it
	says  string // what its message must contain
	plant string // shell, run in the root of the tree
	boot  string // shell, run in the guest
}{
	{phaseFirst, "broken.service: failed", `printf '[Service]\nType=oneshot\nExecStart=/bin/false\n' >usr/lib/systemd/system/broken.service
		ln -s /usr/lib/systemd/system/broken.service etc/systemd/system/multi-user.target.wants/`, ""},
	{phaseFirst, "Can't find ext4 filesystem", "", `head -c 1M /dev/zero >/run/no.img; mount -t ext4 -o loop /run/no.img /mnt || :`},
	{phaseFirst, "taint W", "", `echo 512 >/proc/sys/kernel/tainted`},
	// A warning: errors of cloud-init end the builder's boot at once, with the error as the one problem.
	{phaseFirst, "Not performing power state change", `printf '#cloud-config\npower_state: {mode: broken}\n' >etc/cloud/cloud.cfg.d/99-broken.cfg`, ""},
	{phaseFirst, "/: is mounted writable", "", `mount -o remount,rw /`},
	{phaseFirst, "/usr: root can write there", "", ""}, // by the same
	{phaseFirst, "/var/tmp: want a tmpfs", `sed -i '/ \/var\/tmp /d' etc/fstab`, ""},
	{phaseFirst, "/run: want mode 755", "", `chmod 0775 /run`},
	{phaseFirst, "apt-get update: does not say why it is refused", `rm usr/bin/apt-get; printf '#!/bin/sh\nexit 1\n' >usr/bin/apt-get; chmod 0755 usr/bin/apt-get`, ""},
	{phaseFirst, "/usr/sbin/policy-rc.d: is still there", `printf '#!/bin/sh\nexit 101\n' >usr/sbin/policy-rc.d`, ""},
	{phaseFirst, "/etc/sudoers: names builder", `echo '# builder' >>etc/sudoers`, ""},
	{phaseFirst, "jq: is half-configured", `sed -i '/^Package: jq$/,/^$/s/^Status:.*/Status: install ok half-configured/' var/lib/dpkg/status`, ""},
	{phaseFirst, "fzf: want version", `rm usr/local/bin/fzf; printf '#!/bin/sh\necho 0.1\n' >usr/local/bin/fzf; chmod 0755 usr/local/bin/fzf`, ""},
	{phaseReboot, "/root/ingot-sentinel: must have what was written", `echo 'R! /root/ingot-sentinel' >usr/lib/tmpfiles.d/forget.conf`, ""},
	{phaseReboot, "host-key: gone after the reboot: ecdsa", "", `rm -f /etc/ssh/ssh_host_ecdsa_key*; ssh-keygen -q -t ecdsa -N "" -f /etc/ssh/ssh_host_ecdsa_key`},
	{phaseReboot, "user: new after the reboot: late-", "", `useradd --system "late-$(date +%s)"`},
	{phaseReboot, "module: ", "", `[ -e /var/lib/misc/once ] || { rm -rf /var/lib/cloud/instance/sem; : >/var/lib/misc/once; }`},
	{phaseAnother, "machine-id: must differ between two machines", `echo 0123456789abcdef0123456789abcdef >etc/machine-id`, ""},
	{phaseAnother, "host-key: must differ between two machines", `ssh-keygen -q -t rsa -b 2048 -N "" -C x -f usr/lib/everybodys`,
		`cp /usr/lib/everybodys /etc/ssh/ssh_host_rsa_key; cp /usr/lib/everybodys.pub /etc/ssh/ssh_host_rsa_key.pub`},
}

// lateUnit runs after the modules that make keys and users, and before cloud-init says that it has ended, which is waited for.
const lateUnit = `[Unit]
After=multi-user.target cloud-config.service
Before=cloud-final.service
[Service]
Type=oneshot
ExecStart=/bin/sh /usr/lib/mutations
`

// TestMutationsOfTheBoot has the command verify look at the image with all of them.
func TestMutationsOfTheBoot(t *testing.T) {
	good, want := goodImage(t)
	if !want.isReadOnlyRoot() {
		t.Skip("the image has no read-only root")
	}
	directory := mutationsDirectory(t)
	bad := filepath.Join(directory, filepath.Base(good)) // manifest.json beside it names it
	manifest, err := os.ReadFile(filepath.Join(filepath.Dir(good), manifestFile))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(directory, manifestFile), manifest, 0o644))
	plantAll(t, good, bad)
	report := filepath.Join(directory, "report")
	command := exec.Command("../../bin/packer-plugin-ingot", "verify", bad, "-ansible", "../../ansible", "-report", report)
	output, err := command.CombinedOutput()
	if err == nil {
		t.Fatalf("an image with all defects has passed:\n%s", output)
	}
	content, err := os.ReadFile(filepath.Join(report, jsonFile))
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var found struct{ Checks []Check }
	must(t, json.Unmarshal(content, &found))
	caught := 0
	for _, m := range bootMutations {
		if reports(found.Checks, m.phase, m.says) {
			caught++
		} else {
			t.Errorf("%s: no problem says %q; planted by: %s%s", m.phase, m.says, m.plant, m.boot)
		}
	}
	t.Logf("defects of the boot: caught %d/planted %d", caught, len(bootMutations))
	if t.Failed() {
		t.Logf("%s\n%s", output, strings.Join(problemsOf(found.Checks, ""), "\n"))
	}
}

func reports(checks []Check, phase, says string) bool {
	for _, c := range checks {
		for _, problem := range c.Problems {
			if c.Phase == phase && strings.Contains(problem, says) {
				return true
			}
		}
	}
	return false
}

// mutationsDirectory is where the user that runs QEMU can read an image: not in the folders of tests.
func mutationsDirectory(t *testing.T) string {
	directory, err := os.MkdirTemp("", "mutations-")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(directory)) })
	must(t, os.Chmod(directory, 0o755))
	return directory
}

func plantAll(t *testing.T, good, bad string) {
	d, err := openDisk(t.Context(), good, t.TempDir())
	must(t, err)
	defer func() { must(t, d.close()) }()
	root := filepath.Join(d.directory, "root")
	must(t, os.Mkdir(root, 0o755))
	for _, p := range d.partitions {
		if p.content != "ext4" {
			continue
		}
		_, err := hostCommand(t.Context(), "mount", "-t", "ext4", "-o", fmt.Sprintf("loop,offset=%d,sizelimit=%d", p.start, p.size), d.raw, root)
		must(t, err)
	}
	late := "set -u\n"
	for _, m := range bootMutations {
		late += m.boot + "\n"
		if m.plant != "" {
			plantIn(t, root, m.plant)
		}
	}
	must(t, os.WriteFile(filepath.Join(root, "usr/lib/mutations"), []byte(late), 0o644))
	must(t, os.WriteFile(filepath.Join(root, "usr/lib/systemd/system/mutations.service"), []byte(lateUnit), 0o644))
	must(t, os.Symlink("/usr/lib/systemd/system/mutations.service", filepath.Join(root, "etc/systemd/system/cloud-init.target.wants/mutations.service")))
	_, err = hostCommand(t.Context(), "umount", root)
	must(t, err)
	_, err = hostCommand(t.Context(), "qemu-img", "convert", "-O", "qcow2", d.raw, bad)
	must(t, err)
}
