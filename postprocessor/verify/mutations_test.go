//go:build mutations

package verify

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"
	"gopkg.in/yaml.v3"
)

// A verifier is worth what it catches. Each defect is planted in a good image, in an overlay over its root file system, which is then
// audited as ever: the check named must report it, by the planted thing's name. The image is output/PROFILE, of `make image`.

// mutation is one defect.
type mutation struct {
	check string // that must report it
	says  string // what its message must contain: the thing's name
	plant string // shell, run in the root of the tree
}

var mutations = []mutation{
	{"users are declared", "user mallory", `echo 'mallory:x:1000:1000::/home/mallory:/bin/bash' >>etc/passwd; echo 'mallory:!:20000::::::' >>etc/shadow`},
	{"users are declared", "user toor: is another root", `echo 'toor:x:0:0::/root:/bin/sh' >>etc/passwd; echo 'toor:!:20000::::::' >>etc/shadow`},
	{"users are declared", "user svc-leftover", `echo 'svc-leftover:x:150:150::/:/usr/sbin/nologin' >>etc/passwd; echo 'svc-leftover:x:150:' >>etc/group`},
	{"groups are declared", "group docker", `echo 'docker:x:150:' >>etc/group`},
	{"groups are declared", "group sudo: its member www-data", `sed -i 's/^sudo:.*/&www-data/' etc/group`},
	{"nobody can log in", "/etc/shadow: root: has a password", `sed -i 's/^root:[^:]*:/root:$6$salt$hash:/' etc/shadow`},
	{"nobody can log in", "/etc/shadow: daemon: has a password, or needs none", `sed -i 's/^daemon:[^:]*:/daemon::/' etc/shadow`},
	{"nobody can log in", "/etc/subuid", `echo 'builder:100000:65536' >>etc/subuid`},
	{"sudo is the distribution's", "/etc/sudoers.d/90-cloud-init-users", `echo '# x' >etc/sudoers.d/90-cloud-init-users; chmod 0440 etc/sudoers.d/*`},
	{"sudo is the distribution's", "NOPASSWD", `echo '%users ALL=(ALL) NOPASSWD: ALL' >>etc/sudoers`},
	{"sudo is the distribution's", "/etc/sudoers: must be root's", `chmod 0666 etc/sudoers`},
	{"no authorized keys", "/root/.ssh/authorized_keys", `mkdir -p -m 0700 root/.ssh; echo 'ssh-ed25519 AAAA' >root/.ssh/authorized_keys`},
	{"no authorized keys", "/etc/skel/.ssh/authorized_keys2", `mkdir -p etc/skel/.ssh; : >etc/skel/.ssh/authorized_keys2`},
	{"no authorized keys", "/var/lib/misc/note: holds somebody's SSH public key",
		`echo "keys: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDRZgDRkMGQxMPWa8Ug9bS u@h" >var/lib/misc/note`},
	{"no authorized keys", "PermitRootLogin yes", `mkdir -p etc/ssh/sshd_config.d; echo 'PermitRootLogin yes' >etc/ssh/sshd_config.d/10-debug.conf`},
	{"nothing that must be absent", "/etc/ssh/ssh_host_ed25519_key", `ssh-keygen -q -t ed25519 -N "" -f etc/ssh/ssh_host_ed25519_key`},
	{"no private keys", "/etc/ssh/ssh_host_rsa_key", `ssh-keygen -q -t rsa -b 2048 -N "" -f etc/ssh/ssh_host_rsa_key`},
	{"no private keys", "/opt/tls.pem", `{ head -c 3000000 /dev/zero; openssl genrsa 2048 2>/dev/null; } >opt/tls.pem`},
	{"no private keys", "/srv/site.ppk", `printf 'PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\nComment: x\r\n' >srv/site.ppk`},
	{"no private keys", "/etc/wireguard/wg0.conf", `mkdir -p etc/wireguard; printf '[Interface]\nPrivateKey = %s=\n' yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk | head -c 80 >etc/wireguard/wg0.conf`},
	{"no private keys", "/usr/share/backup.tar", `mkdir k; ssh-keygen -q -t ed25519 -N "" -f k/id; tar -cf usr/share/backup.tar k; rm -r k`},
	{"machine-id is there and empty", "/etc/machine-id", `echo 0123456789abcdef0123456789abcdef >etc/machine-id`},
	{"machine-id is there and empty", "must be there and empty", `rm etc/machine-id`},
	{"machine-id is there and empty", "/var/lib/dbus/machine-id", `mkdir -p var/lib/dbus; rm -f var/lib/dbus/machine-id; echo 0123 >var/lib/dbus/machine-id`},
	{"nothing that must be absent", "/etc/hostname", `echo web-1 >etc/hostname`},
	{"no host name, address or name server", "web-1.example.com", `echo '127.0.1.1 web-1.example.com web-1' >>etc/hosts`},
	{"no host name, address or name server", "/etc/resolv.conf", `rm -f etc/resolv.conf; echo 'nameserver 10.0.2.3' >etc/resolv.conf`},
	{"nothing that must be absent", "/etc/netplan/50-cloud-init.yaml", `mkdir -p etc/netplan; echo 'network: {}' >etc/netplan/50-cloud-init.yaml`},
	{"no host name, address or name server", "/etc/systemd/network/10-build.network", `printf '[Match]\nMACAddress=52:54:00:12:34:56\n' >etc/systemd/network/10-build.network`},
	{"no host name, address or name server", "/etc/apt/apt.conf.d/00proxy", `echo 'Acquire::http::Proxy "http://cache:3142";' >etc/apt/apt.conf.d/00proxy`},
	{"no log has content", "/var/log/build.log", `echo started >var/log/build.log`},
	{"no log has content", "/var/log/journal/", `mkdir -p var/log/journal/0123; echo x >var/log/journal/0123/system.journal`},
	{"no trace of the build", "/etc/motd", `echo 'made by builder' >>etc/motd`},
	{"no trace of the build", "/usr/local/bin/tool", `printf '#!/home/builder/venv/bin/python\n' >usr/local/bin/tool`},
	{"no trace of the build", "/usr/share/doc/notes", `head -c 2000000 /dev/zero >usr/share/doc/notes; echo 'host ingot-build' >>usr/share/doc/notes`},
	{"no trace of the build", "/var/lib/misc/seed: says", `echo instance: ingot-BUILD >var/lib/misc/seed`},
	{"no package lists or caches", "/var/lib/apt/lists/archive.example_dists_trixie_InRelease", `echo x >var/lib/apt/lists/archive.example_dists_trixie_InRelease`},
	{"no package lists or caches", "/var/cache/apt/archives/jq_1_amd64.deb", `echo x >var/cache/apt/archives/jq_1_amd64.deb`},
	{"no package is half installed", "jq", `sed -i '/^Package: jq$/,/^$/s/^Status:.*/Status: install ok half-configured/' var/lib/dpkg/status`},
	{"files of packages are unchanged", "/usr/bin/sudo", `printf x >>usr/bin/sudo`},
	{"files of packages are unchanged", "/usr/bin/jq: is missing", `rm usr/bin/jq`},
	{"privileged files are declared", "/usr/bin/jq", `chmod 4755 usr/bin/jq`},
	{"privileged files are declared", "/usr/bin/sudo", `chmod 6755 usr/bin/sudo`},
	{"privileged files are declared", "/usr/local/bin/sh2", `cp usr/bin/dash usr/local/bin/sh2; chmod 2755 usr/local/bin/sh2`},
	{"privileged files are declared", "cap_net_admin,cap_sys_admin=ep", `capabilities`},
	{"world-writable files are declared", "/etc/environment.d", `mkdir -p etc/environment.d; chmod 0777 etc/environment.d`},
	{"world-writable files are declared", "/tmp: everybody may delete", `chmod 0777 tmp`},
	{"what root runs belongs to root", "/usr/bin/git", `chown 33:33 usr/bin/git`},
	{"what root runs belongs to root", "/srv/data: belongs to 4242:4242", `mkdir srv/data; chown 4242:4242 srv/data`},
	{"what root runs belongs to root", "/etc/shadow: must be no more than 0640", `chmod 0644 etc/shadow`},
	{"what root runs belongs to root", "/etc/fstab: has an access control list", `acl`},
	{"no devices, pipes or sockets", "/usr/lib/sda", `mknod usr/lib/sda b 8 0`},
	{"no devices, pipes or sockets", "/var/lib/ctl", `mkfifo var/lib/ctl`},
	{"nothing below mount points", "/mnt/usb/secret", `mkdir mnt/usb; echo x >mnt/usb/secret`},
	{"nothing below mount points", "/run/utmp", `echo x >run/utmp`},
	{"nothing that must be absent", "/tmp/nvidia-installer.log", `echo x >tmp/nvidia-installer.log`},
	{"nothing that must be absent", "/home/builder", `mkdir home/builder`},
	{"nothing that must be absent", "/root/.bash_history", `echo ls >root/.bash_history`},
	{"nothing that must be absent", "/var/lib/systemd/random-seed", `echo x >var/lib/systemd/random-seed`},
	{"nothing that must be absent", "/var/lib/cloud/instances", `mkdir -p var/lib/cloud/instances/ingot-x`},
	{"nothing that must be absent", "/etc/passwd-", `cp etc/passwd etc/passwd-`},
	{"nothing that must be absent", "/usr/lib/systemd/system-shutdown/ingot-seal", `mkdir -p usr/lib/systemd/system-shutdown; : >usr/lib/systemd/system-shutdown/ingot-seal`},
	{"top-level names are the system's", "/build", `mkdir build`},
	{"units are of packages, and there", "/etc/systemd/system/multi-user.target.wants/gone.service",
		`ln -s /usr/lib/systemd/system/gone.service etc/systemd/system/multi-user.target.wants/gone.service`},
	{"units are of packages, and there", "/etc/systemd/system/beacon.service", `printf '[Service]\nExecStart=/bin/true\n' >etc/systemd/system/beacon.service`},
	{"scheduled jobs are of packages", "/etc/cron.d/backup", `mkdir -p etc/cron.d; echo '* * * * * root true' >etc/cron.d/backup`},
	{"fstab", "must have a line for /", `sed -i '/[[:space:]]\/[[:space:]]/d' etc/fstab`},
	{"fstab", "/dev/vdb1", `echo '/dev/vdb1 /data ext4 defaults 0 2' >>etc/fstab`},
	{"kernel and its command line", `"/bin/bash"`, `sed -i 's/^\([[:space:]]*linux.*\)/\1 init=\/bin\/bash/' boot/grub/grub.cfg`},
	{"kernel and its command line", "root=/dev/vda1", `sed -i 's/ root=[^ ]*/ root=\/dev\/vda1/' boot/grub/grub.cfg`},
	{"kernel and its command line", "/boot/vmlinuz-none", `sed -i 's/^\([[:space:]]*linux[[:space:]]*\)[^ ]*/\1\/boot\/vmlinuz-none/' boot/grub/grub.cfg`},
	{"nothing of the build in the initramfs", "/boot/initrd.img-", `initramfs`},
	{"nothing of the build in the initramfs", "must be compressed by", `for i in boot/initrd.img-*; do echo nothing >"$i"; done`},
	{"the distribution is a known one", "debian-99", `sed -i 's/^VERSION_ID=.*/VERSION_ID="99"/' usr/lib/os-release`},
}

// readOnlyMutations make sense only where the root must be read-only.
var readOnlyMutations = []mutation{
	{"fstab", "/etc/fstab: /: must have the option ro", `sed -i 's/^\([^#].* \/ .*[ ,]\)ro\b/\1rw/' etc/fstab`},
	{"fstab", "/etc/fstab: /tmp: must be a tmpfs", `sed -i '/ \/tmp /d' etc/fstab`},
	{"fstab", "/etc/fstab: /var/tmp: must have the option mode=1777", `sed -i '/ \/var\/tmp /s/mode=1777/mode=0777/' etc/fstab`},
	{"kernel and its command line", "must have init=/usr/lib/read-only-root/init", `sed -i 's/ init=[^ ]*//' boot/grub/grub.cfg`},
	{"kernel and its command line", "/usr/lib/read-only-root/init", `chmod 0644 usr/lib/read-only-root/init`},
	{"/etc is as it was sealed", "/etc/issue: was changed", `echo x >>etc/issue`},
	{"/etc is as it was sealed", "/etc/profile.d/late.sh: was added", `echo x >etc/profile.d/late.sh`},
	{"/etc is as it was sealed", "/etc/issue: was deleted", `rm etc/issue`},
	{"/etc is as it was sealed", "/usr/lib/read-only-root/etc.sha256: is missing", `rm usr/lib/read-only-root/etc.sha256`},
}

func TestMutationsOfTheFile(t *testing.T) {
	image, want := goodImage(t)
	d, err := openDisk(t.Context(), image, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	lower, problems := mountTree(t.Context(), d)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	begin := time.Now()
	if report := problemsOf(auditTree(t.Context(), tree{root: lower}, want), ""); len(report) > 0 {
		t.Fatalf("the unchanged image has problems, so nothing can be told from them:\n%s", strings.Join(report, "\n"))
	}
	t.Logf("audit of the unchanged tree: %s", time.Since(begin).Round(time.Millisecond))
	all := mutations
	if want.isReadOnlyRoot() {
		all = slices.Concat(all, readOnlyMutations)
	}
	caught, planted := 0, 0
	for _, m := range all {
		plant := strings.ReplaceAll(m.plant, "BUILD", want.buildID)
		t.Run(m.check+"/"+m.says, func(t *testing.T) {
			planted++
			if m.run(t, lower, plant, want); !t.Failed() {
				caught++
			}
		})
	}
	t.Logf("defects of the file: caught %d/planted %d", caught, planted)
}

// TestMutationsOfTheDisk: a file system that is neither the root's nor that of /boot is named, and everything is unmounted again.
func TestMutationsOfTheDisk(t *testing.T) {
	d, err := openDisk(t.Context(), testDisk(t), t.TempDir())
	must(t, err)
	root, problems := mountTree(t.Context(), d)
	for _, want := range []string{"partition 3 (root): is neither the root file system nor that of /boot", "no partition has an ext4 file system with /etc/passwd"} {
		if !strings.Contains(strings.Join(problems, "\n"), want) || root != "" {
			t.Errorf("want a problem with %q: %q, %q", want, root, problems)
		}
	}
	must(t, d.close())
	mounts, err := os.ReadFile("/proc/self/mounts")
	must(t, err)
	if strings.Contains(string(mounts), d.directory) || exists(d.directory, "") {
		t.Errorf("%s is still mounted, or there", d.directory)
	}
}

func (m mutation) run(t *testing.T, lower, plant string, want expectations) {
	directory, err := os.MkdirTemp("", "mutation-") // the test's own has its name, and mount knows commas as its own
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(directory)) })
	upper, work, root := filepath.Join(directory, "upper"), filepath.Join(directory, "work"), filepath.Join(directory, "root")
	must(t, errors.Join(os.Mkdir(upper, 0o755), os.Mkdir(work, 0o755), os.Mkdir(root, 0o755)))
	options := "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work
	must(t, unix.Mount("overlay", root, "overlay", 0, options))
	t.Cleanup(func() { must(t, unix.Unmount(root, 0)) })
	plantIn(t, root, plant)
	checks := auditTree(t.Context(), tree{root: root}, want)
	if !slices.ContainsFunc(problemsOf(checks, m.check), func(problem string) bool { return strings.Contains(problem, m.says) }) {
		t.Errorf("%s\nwant a problem of %q with %q, got:\n%s", plant, m.check, m.says, strings.Join(problemsOf(checks, ""), "\n"))
	}
}

func plantIn(t *testing.T, root, plant string) {
	t.Helper()
	switch plant {
	case "capabilities": // cap_net_admin and cap_sys_admin, permitted and effective, revision 2
		value := make([]byte, 20)
		binary.LittleEndian.PutUint32(value, 0x02000001)
		binary.LittleEndian.PutUint32(value[4:], 1<<12|1<<21)
		must(t, unix.Setxattr(filepath.Join(root, "usr/bin/git"), "security.capability", value, 0))
	case "acl": // user::rw-, user:33:rw-, group::r--, mask::rw-, other::r--
		value := binary.LittleEndian.AppendUint32(nil, 2)
		for _, e := range [][3]uint32{{1, 6, ^uint32(0)}, {2, 6, 33}, {4, 4, ^uint32(0)}, {16, 6, ^uint32(0)}, {32, 4, ^uint32(0)}} {
			value = binary.LittleEndian.AppendUint16(value, uint16(e[0]))
			value = binary.LittleEndian.AppendUint16(value, uint16(e[1]))
			value = binary.LittleEndian.AppendUint32(value, e[2])
		}
		must(t, unix.Setxattr(filepath.Join(root, "etc/fstab"), "system.posix_acl_access", value, 0))
	case "initramfs": // one more file in the archive
		f, err := os.OpenFile(glob(t, filepath.Join(root, "boot/initrd.img-*"))[0], os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		w, err := zstd.NewWriter(f)
		must(t, err)
		_, err = w.Write([]byte("HOME=/home/builder\n"))
		must(t, errors.Join(err, w.Close(), f.Close()))
	default:
		command := exec.Command("sh", "-euc", plant)
		command.Dir = root
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", plant, err, output)
		}
	}
}

// problemsOf returns those of one check, or of all.
func problemsOf(checks []Check, name string) (problems []string) {
	for _, c := range checks {
		for _, problem := range c.Problems {
			if name == "" || c.Name == name {
				problems = append(problems, c.Name+": "+problem)
			}
		}
	}
	return problems
}

// goodImage is what `make image PROFILE=…` wrote, with what its manifest and the declarations say of it.
func goodImage(t *testing.T) (string, expectations) {
	t.Helper()
	directory := filepath.Join("../../output", cmp.Or(os.Getenv("PROFILE"), "base"))
	content, err := os.ReadFile(filepath.Join(directory, "manifest.json"))
	if err != nil {
		t.Fatalf("%v; run make image first", err)
	}
	var m struct {
		BuildID string `json:"build_id"`
		Image   struct{ File string }
		Profile struct{ Tasks []struct{ Name string } }
	}
	must(t, json.Unmarshal(content, &m))
	want := expectations{buildID: m.BuildID, declared: declared{Distributions: map[string]declaration{}, Tasks: map[string]declaration{}}}
	for _, task := range m.Profile.Tasks {
		want.tasks = append(want.tasks, task.Name)
	}
	for _, path := range glob(t, "../../ansible/declares/*.yaml") {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		if _, err := os.Stat("../../ansible/vars/" + name + ".yaml"); err == nil {
			want.declared.Distributions[name] = readDeclaration(t, path)
		} else if slices.Contains(want.tasks, name) {
			want.declared.Tasks[name] = readDeclaration(t, path)
		}
	}
	return filepath.Join(directory, m.Image.File), want
}

func readDeclaration(t *testing.T, path string) (d declaration) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	var lists map[string][]string
	must(t, yaml.Unmarshal(text, &lists))
	encoded, err := json.Marshal(lists)
	must(t, err)
	must(t, json.Unmarshal(encoded, &d))
	return d
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	return paths
}
