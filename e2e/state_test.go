//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// disk is a raw copy of an image on a loop device. Its machine is started without a kernel of its own: the image's first process runs,
// as process 1, in name spaces of its own, with the image's programs; in the place of systemd there is a script of the test.
type disk struct {
	t    *testing.T
	path string
}

// newDisk copies the image, with free bytes more than it has.
func newDisk(t *testing.T, image string, free int64) disk {
	t.Helper()
	path := filepath.Join(t.TempDir(), "disk.raw")
	run(t, "cp", "--sparse=always", image, path)
	d := disk{t: t, path: path}
	d.grow(free)
	return d
}

func (d disk) grow(free int64) {
	info, err := os.Stat(d.path)
	if err == nil {
		err = os.Truncate(d.path, info.Size()+free)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// attach gives the disk and its partitions devices until the test calls what it returns.
func (d disk) attach() (device string, detach func()) {
	device = strings.TrimSpace(string(run(d.t, "losetup", "--find", "--show", d.path)))
	run(d.t, "blockdev", "--flushbufs", device)      // it may remember what the disk before this one had
	_ = exec.Command("partx", "--add", device).Run() // "error adding" those that the kernel has found itself
	return device, func() {
		_ = exec.Command("partx", "--delete", device).Run()
		run(d.t, "losetup", "--detach", device)
	}
}

// enterMachine is run in the name spaces; $1 is the root's device, $2 a directory of the test with the script "systemd", $3 the command line.
const enterMachine = `
set -eu
mount -o ro "$1" "$2/root"
cd "$2/root"
mount --bind /dev dev && mount -t proc proc proc && mount --rbind /sys sys && mount -t tmpfs tmpfs run
echo "root=x ro $3" >"$2/cmdline"
mount --bind "$2/cmdline" proc/cmdline
for console in $(cat /sys/class/tty/console/active); do mount --bind "$2/console" "dev/$console"; done
mount --bind "$2/kmsg" dev/kmsg
mount --bind "$2/systemd" usr/lib/systemd/systemd
exec chroot . /usr/lib/read-only-root/init --system
`

// start runs the first process until systemd's script has ended, or until it stops on the console. It returns what was printed: by the
// script, and then on the console and in the kernel's log.
func (d disk) start(script, commandLine string) (printed, said string) {
	d.t.Helper()
	device, detach := d.attach()
	defer detach()
	dir := d.t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "root"), 0o755); err != nil {
		d.t.Fatal(err)
	}
	for name, content := range map[string]string{"console": "", "kmsg": "", "systemd": "#!/bin/sh\nset -eu\n" + script + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			d.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private",
		"sh", "-c", enterMachine, "sh", device+"p1", dir, commandLine)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for stopped := false; ; {
		select {
		case err := <-ended:
			said := read(d.t, filepath.Join(dir, "console")) + read(d.t, filepath.Join(dir, "kmsg"))
			if err != nil && !stopped {
				d.t.Fatalf("%v\n%s\n%s", err, output.String(), said)
			}
			return output.String(), said
		case <-time.After(100 * time.Millisecond):
			if stopped = stopped || strings.Contains(read(d.t, filepath.Join(dir, "console")), "start the machine again"); stopped {
				cancel()
			}
		}
	}
}

func read(t *testing.T, path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// change mounts a partition of the disk and runs the script in it.
func (d disk) change(partition int, script string) {
	d.t.Helper()
	device, detach := d.attach()
	defer detach()
	root := d.t.TempDir()
	run(d.t, "mount", fmt.Sprintf("%sp%d", device, partition), root)
	defer run(d.t, "umount", root)
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir = root
	if output, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("%s: %v: %s", script, err, output)
	}
}

// statePartition is the number that the first boot gives it: the first that Debian's images have free.
const statePartition = 2

// firstBoot is what cloud-init does, as far as it matters here.
const firstBoot = `
echo 0123456789abcdef0123456789abcdef > /etc/machine-id
useradd --create-home somebody
echo changed > /etc/motd
rm /etc/issue.net
mkdir -p /var/lib/cloud/instance && echo kept > /var/lib/kept && echo kept > /home/somebody/kept && echo kept > /root/kept
ln -s /usr/lib/systemd/system/ssh.service /etc/systemd/system/mine.service
`

// stillThere prints what of it is lost.
const stillThere = `
for file in /var/lib/kept /home/somebody/kept /root/kept; do [ "$(cat "$file")" = kept ] || echo "$file is lost"; done
id somebody > /dev/null
[ "$(cat /etc/machine-id)" = 0123456789abcdef0123456789abcdef ] || echo "machine-id is lost"
[ "$(cat /etc/motd)" = changed ] || echo "a changed file is lost"
[ ! -e /etc/issue.net ] || echo "a deleted file is back"
dpkg-query --show base-files > /dev/null
! touch /usr/x /var/lib/dpkg/x 2> /dev/null || echo "the root is writable"
`

// sizeOfState is in MiB.
const sizeOfState = "df -BM --output=size /state | tail -n 1 | tr -dc 0-9"

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestState starts the machine of each image under all that can be wrong with what it keeps.
func TestState(t *testing.T) {
	eachImage(t, func(t *testing.T, i image) {
		raw := filepath.Join(t.TempDir(), "image.raw")
		run(t, "qemu-img", "convert", "-O", "raw", i.path, raw)
		for name, test := range stateTests {
			t.Run(name, func(t *testing.T) { test(t, newDisk(t, raw, 0)) })
		}
	})
}

var stateTests = map[string]func(*testing.T, disk){
	"first boot, and again": func(_ *testing.T, d disk) {
		d.silent(firstBoot)
		d.silent(stillThere)
	},
	"a larger disk": func(t *testing.T, d disk) {
		d.silent(firstBoot)
		before, _ := d.start(sizeOfState, "")
		d.grow(3 << 30)
		d.silent(stillThere)
		after, _ := d.start(sizeOfState, "")
		if grown := number(t, after) - number(t, before); grown < 2800 || grown > 3072 {
			t.Errorf("grown by %d MiB, want nearly 3072", grown)
		}
	},
	"killed while it was made": func(t *testing.T, d disk) {
		d.silent("")
		device, detach := d.attach()
		run(t, "e2label", fmt.Sprintf("%sp%d", device, statePartition), "ingot-state-new")
		run(t, "sfdisk", "--quiet", "--no-reread", "--part-label", device, "2", "ingot-state-new")
		detach()
		d.silent(firstBoot)
		d.silent(stillThere)
	},
	"no room": func(t *testing.T, d disk) {
		device, detach := d.attach()
		cmd := exec.Command("sfdisk", "--quiet", "--no-reread", "--append", device)
		cmd.Stdin = strings.NewReader("type=linux, name=\"mine\"\n")
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		detach()
		d.stops("needs 64 MiB free")
	},
	"superblock lost": func(t *testing.T, d disk) {
		d.silent(firstBoot)
		device, detach := d.attach()
		run(t, "dd", "if=/dev/zero", fmt.Sprintf("of=%sp%d", device, statePartition), "bs=4096", "count=1", "conv=notrunc")
		detach()
		d.stops("cannot be read", "e2fsck -b 32768")
	},
	"errors that need a decision": func(t *testing.T, d disk) {
		d.silent(firstBoot)
		device, detach := d.attach()
		run(t, "debugfs", "-w", "-R", "clri <2>", fmt.Sprintf("%sp%d", device, statePartition)) // the root directory
		run(t, "debugfs", "-w", "-R", "ssv state 2", fmt.Sprintf("%sp%d", device, statePartition))
		detach()
		d.stops("has errors", "fsck.repair=yes")
		if _, said := d.start("", "fsck.repair=yes"); strings.Contains(said, "STOPPED") {
			t.Error(said)
		}
	},
	"two state file systems": func(t *testing.T, d disk) {
		d.silent(firstBoot)
		other := newDisk(t, "/dev/null", 64<<20)
		run(t, "mke2fs", "-q", "-F", "-L", "ingot-state", other.path)
		_, detach := other.attach()
		defer detach()
		d.stops("several file systems")
	},
	"state on another disk, which is missing later": func(t *testing.T, d disk) {
		other := newDisk(t, "/dev/null", 512<<20)
		run(t, "mke2fs", "-q", "-F", "-t", "ext4", "-L", "ingot-state", other.path)
		_, detach := other.attach()
		d.silent(firstBoot)
		d.silent(stillThere)
		detach()
		d.stops("on another disk", "not attached")
		run(t, "dd", "if=/dev/zero", "of="+other.path, "bs=4096", "count=1", "conv=notrunc")
		_, detach = other.attach()
		defer detach()
		d.stops("has lost its label")
	},
	"damaged overlay": func(t *testing.T, d disk) {
		d.silent(firstBoot)
		d.change(statePartition, "rm -rf etc/upper etc/work; echo junk >etc/upper; echo junk >etc/work")
		_, said := d.start("grep -q root: /etc/passwd && ! id somebody 2>/dev/null && [ ! -e /var/lib/cloud/instance ]", "")
		if !strings.Contains(said, "/etc begins anew") || !strings.Contains(said, "/state/etc.aside.1") {
			t.Error(said)
		}
	},
	"work directory damaged": func(_ *testing.T, d disk) {
		d.silent(firstBoot)
		d.change(statePartition, "rm -rf etc/work; echo junk >etc/work")
		d.silent(stillThere)
	},
	"etc is a file": func(_ *testing.T, d disk) {
		d.silent(firstBoot)
		d.change(statePartition, "rm -rf etc; echo junk >etc")
		d.start("grep -q root: /etc/passwd", "")
	},
	"empty account files": func(t *testing.T, d disk) {
		d.silent(firstBoot)
		d.change(statePartition, ": >etc/upper/passwd; rm etc/upper/group; ln -s nowhere etc/upper/group; rm etc/upper/shadow; mkdir etc/upper/shadow")
		printed, said := d.start("getent passwd root; getent group root; grep -c ^root: /etc/passwd /etc/group /etc/shadow", "")
		if strings.Count(said, "was damaged") != 3 || strings.Count(printed, ":1\n") != 3 {
			t.Error(printed, said)
		}
	},
	"first boot cut off": func(t *testing.T, d disk) {
		d.silent(firstBoot + "mkdir -p /etc/ssh; : >/etc/ssh/ssh_host_ed25519_key")
		_, said := d.start("! id somebody 2>/dev/null && [ ! -e /etc/ssh/ssh_host_ed25519_key ]", "")
		if !strings.Contains(said, "the first boot was cut off") {
			t.Error(said)
		}
	},
	"empty files after the first boot": func(_ *testing.T, d disk) {
		d.silent(firstBoot + ": >/etc/ssh/ssh_host_ed25519_key; touch /state/settled")
		d.silent(stillThere)
	},
	"asked to reset": func(_ *testing.T, d disk) {
		d.silent(firstBoot)
		d.start("! id somebody 2>/dev/null && [ \"$(cat /home/somebody/kept)\" = kept ]", "ingot.etc=reset")
	},
	"full": func(_ *testing.T, d disk) {
		d.silent(firstBoot + "dd if=/dev/zero of=/var/lib/fill bs=1M 2>/dev/null || :\n")
		d.silent(stillThere)
	},
	"a new image": func(_ *testing.T, d disk) {
		d.silent(firstBoot + "cp /etc/issue /tmp/x 2>/dev/null || :; touch -c /etc/login.defs; mkdir -p /etc/systemd/system/x.target.requires; ln -s /usr/lib/systemd/system/gone.service /etc/systemd/system/x.target.requires/gone.service; groupadd --system theirs; touch /var/lib/theirs; chgrp 100 /var/lib/theirs; useradd --gid users colleague; ln -s /usr/lib/systemd/system/gone.service /etc/systemd/system/alias.service")
		d.change(1, `
			echo new >etc/issue; echo new >etc/motd; echo new >etc/brand-new; mkdir var/lib/brand-new
			echo 'service:x:777:777::/:/usr/sbin/nologin' >>etc/passwd; echo 'service:x:777:' >>etc/group; echo 'service:!:1::::::' >>etc/shadow
			sed -i 's/^users:x:100:/users:x:555:/' etc/group; echo 'docker:x:100:' >>etc/group
			ln -s /usr/lib/systemd/system/ssh.service etc/systemd/system/alias.service
			rm -f usr/lib/read-only-root/etc.sha256; (cd etc && find . -xdev -type f -exec sha256sum {} + | LC_ALL=C sort -k 2) >usr/lib/read-only-root/etc.sha256`)
		d.silent(stillThere + `
			[ "$(cat /etc/issue)" = new ] || echo "an unchanged file is the old image's"
			[ -e /etc/brand-new ] && [ -d /var/lib/brand-new ] || echo "what is new is missing"
			id service >/dev/null; getent shadow service >/dev/null
			[ "$(stat -c %G:%g /var/lib/theirs)" = users:555 ] || stat -c '%G:%g' /var/lib/theirs
			[ ! -L /etc/systemd/system/x.target.requires/gone.service ] || echo "a link to nothing is left"
			[ "$(id -gn colleague)" = users ] || id colleague
			[ "$(readlink /etc/systemd/system/alias.service)" = /usr/lib/systemd/system/ssh.service ] || echo "an alias of the image is hidden"
			[ -L /etc/systemd/system/mine.service ] || echo "a link of the machine is lost"`)
	},
}

// silent starts the machine and wants nothing printed by the script, and no word that something is wrong.
func (d disk) silent(script string) {
	d.t.Helper()
	printed, said := d.start(script, "")
	if printed != "" || regexp.MustCompile(`STOPPED|damaged|anew|failed`).MatchString(said) {
		d.t.Errorf("printed: %s\nsaid: %s", printed, said)
	}
}

// stops starts the machine and wants it to say all of this on the console, and go no further.
func (d disk) stops(wants ...string) {
	d.t.Helper()
	printed, said := d.start("echo systemd was started", "")
	for _, want := range append(wants, "STOPPED") {
		if !strings.Contains(said, want) || printed != "" {
			d.t.Errorf("want %q, got %s%s", want, said, printed)
		}
	}
}
