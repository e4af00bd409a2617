package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/diskfs/go-diskfs/backend/file"
	"github.com/diskfs/go-diskfs/filesystem/fat32"
)

const mebibyte = 1 << 20

// testDisk makes a raw disk as images have it: ext4 at 70 MiB, GRUB's partition, and an EFI partition at 2 MiB.
func testDisk(t *testing.T, more ...string) string {
	t.Helper()
	raw := filepath.Join(t.TempDir(), "disk.raw")
	must(t, os.WriteFile(raw, nil, 0o600))
	must(t, os.Truncate(raw, 128*mebibyte))
	table := append([]string{"label: gpt", "start=1MiB, size=1MiB, name=bios, type=" + biosBoot, "start=2MiB, size=64MiB, name=esp, type=uefi",
		"start=70MiB, size=32MiB, name=root"}, more...)
	feed(t, strings.Join(table, "\n"), "sfdisk", "--quiet", raw)
	feed(t, "", "mke2fs", "-q", "-t", "ext4", "-b", "4096", "-E", fmt.Sprintf("offset=%d", 70*mebibyte), raw, "32M")
	storage, err := file.OpenFromPath(raw, false)
	must(t, err)
	defer storage.Close()
	volume, err := fat32.Create(storage, 64*mebibyte, 2*mebibyte, 512, "ESP", false)
	must(t, err)
	must(t, volume.Mkdir("/EFI/debian"))
	writeFAT(t, volume, "/EFI/debian/grub.cfg", "configfile (hd0,gpt3)/boot/grub/grub.cfg\n")
	return raw
}

func writeFAT(t *testing.T, volume *fat32.FileSystem, path, text string) {
	t.Helper()
	f, err := volume.OpenFile(path, os.O_CREATE|os.O_RDWR)
	must(t, err)
	_, err = f.Write([]byte(text))
	must(t, err)
	must(t, f.Close())
}

func feed(t *testing.T, input, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Stdin = strings.NewReader(input)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, output)
	}
}

// inExt4 runs commands of debugfs in the root partition.
func inExt4(t *testing.T, raw, commands string) {
	t.Helper()
	feed(t, commands, "debugfs", "-w", "-f", "-", fmt.Sprintf("%s?offset=%d", raw, 70*mebibyte))
}

func TestAuditDisk(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	must(t, os.WriteFile(trace, []byte(strings.Repeat("x", 5000)+" instance-id: ingot-0123abcd\n"), 0o600))
	key := filepath.Join(t.TempDir(), "key")
	feed(t, "", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	for _, c := range []struct {
		name  string
		more  string
		plant func(t *testing.T, raw string)
		want  []string // parts of the problems, one for each
	}{
		{name: "sound", plant: func(*testing.T, string) {}},
		{name: "another partition", more: "start=104MiB, size=8MiB, name=data", plant: func(*testing.T, string) {},
			want: []string{"partition 4 (data): is neither ext4 nor vfat"}},
		{name: "trace in a file", plant: func(t *testing.T, raw string) { inExt4(t, raw, "write "+trace+" trace\n") },
			want: []string{`has "ingot-0123abcd", in the file with inode 12`}},
		{name: "trace in a deleted file", plant: func(t *testing.T, raw string) { inExt4(t, raw, "write "+trace+" trace\nrm trace\n") },
			want: []string{`still has "ingot-0123abcd", in no file`}},
		{name: "key in a file", plant: func(t *testing.T, raw string) { inExt4(t, raw, "write "+key+" key\n") }}, // other checks look at files
		{name: "key in a deleted file", plant: func(t *testing.T, raw string) { inExt4(t, raw, "write "+key+" key\nrm key\n") },
			want: []string{`still has "-----BEGIN OPENSSH PRIVATE KEY-----", in no file`}},
		{name: "trace behind the last partition", plant: func(t *testing.T, raw string) {
			f, err := os.OpenFile(raw, os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteAt([]byte("/home/builder"), 120*mebibyte+100)
			must(t, err)
			must(t, f.Close())
		}, want: []string{`byte 125829220 of the disk: still has "/home/builder", in no file`}},
		{name: "file beside the boot loaders", plant: func(t *testing.T, raw string) {
			storage, err := file.OpenFromPath(raw, false)
			must(t, err)
			defer storage.Close()
			volume, err := fat32.Read(storage, 64*mebibyte, 2*mebibyte, 512)
			must(t, err)
			writeFAT(t, volume, "/note.txt", "see /home/builder\n")
		}, want: []string{"/note.txt: is no boot loader", `/note.txt: says "/home/builder"`, `still has "/home/builder", in no file`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := testDisk(t, c.more)
			c.plant(t, raw)
			d, err := openDisk(t.Context(), raw, t.TempDir())
			must(t, err)
			defer func() { must(t, d.close()) }()
			problems := problemsIn(auditDisk(t.Context(), d, expectations{buildID: "0123abcd"}))
			if len(problems) != len(c.want) {
				t.Fatalf("got %q, want %q", problems, c.want)
			}
			for i, want := range c.want {
				if !strings.Contains(problems[i], want) {
					t.Errorf("got %q, want %q in it", problems[i], want)
				}
			}
		})
	}
}

// TestAuditIsCancelled: the folder goes, and the reason is said.
func TestAuditIsCancelled(t *testing.T) {
	raw, parent := testDisk(t), t.TempDir()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the build was cancelled"))
	d, err := openDisk(ctx, raw, parent)
	if d != nil || err == nil || !strings.Contains(err.Error(), "the build was cancelled") {
		t.Errorf("want no disk, and why: %v, %v", d, err)
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestSweep: what a killed audit left goes with the next one; what belongs to a living one stays.
func TestSweep(t *testing.T) {
	raw, parent := testDisk(t), t.TempDir()
	dead := filepath.Join(parent, auditFolder+"dead")
	must(t, os.Mkdir(dead, 0o700))
	must(t, os.WriteFile(filepath.Join(dead, "image.raw"), nil, 0o600))
	living, err := openDisk(t.Context(), raw, parent)
	must(t, err)
	another, err := openDisk(t.Context(), raw, parent)
	must(t, err)
	if exists(dead, "") || !exists(living.raw, "") || !exists(another.raw, "") {
		t.Errorf("want the dead one gone and the living there: %v %v %v", exists(dead, ""), exists(living.raw, ""), exists(another.raw, ""))
	}
	must(t, living.close())
	must(t, another.close())
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func problemsIn(checks []Check) (problems []string) {
	for _, c := range checks {
		problems = append(problems, c.Problems...)
	}
	return problems
}

func TestLookAtFormat(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"sound", "qemu-img create -f qcow2 image 1M", ""},
		{"raw", "qemu-img create -f raw image 1M", "must be a qcow2, is raw"},
		{"backing file", "qemu-img create -f raw base 1M && qemu-img create -f qcow2 -F raw -b base image", "must stand alone, its backing file is base"},
		{"data elsewhere", "qemu-img create -f qcow2 -o data_file=data image 1M", "must stand alone, its data are in data"},
		{"snapshot", "qemu-img create -f qcow2 image 1M && qemu-img snapshot -c one image", "must have no internal snapshots, has 1"},
		{"cut off", "qemu-img create -f qcow2 -o preallocation=full image 4M && truncate -s 300K image", "qemu-img check"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			feed(t, "", "sh", "-ec", c.script)
			got := strings.Join(lookAtFormat(t.Context(), "image"), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
