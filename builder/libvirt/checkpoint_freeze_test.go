package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// thisHost runs commands here instead of in a guest.
type thisHost struct{ packersdk.Communicator }

func (thisHost) Start(ctx context.Context, remote *packersdk.RemoteCmd) error {
	command := exec.CommandContext(ctx, "sh", "-c", remote.Command)
	command.Stdout, command.Stderr = remote.Stdout, remote.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	go func() { // not waited for, as over SSH
		_, _ = io.Copy(input, remote.Stdin)
		_ = input.Close()
	}()
	go func() {
		err := command.Wait()
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			remote.SetExited(exit.ExitCode())
			return
		}
		remote.SetExited(0)
	}()
	return nil
}

// mountedFile is a file system of its own, with a space in its name, and a table of mounts that leads to nothing else.
func mountedFile(t *testing.T) (directory, table string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	top := t.TempDir()
	directory = mountNew(t, top, "16M", "mkfs.ext4", "-q")
	table = filepath.Join(top, "mounts")
	escaped := strings.ReplaceAll(directory, " ", `\040`)
	write(t, table, "sysfs /sys sysfs rw 0 0\n"+
		"/dev/loop99 / ext4 ro,relatime 0 0\n"+
		"/dev/loop98 /no/such/efi vfat rw,relatime 0 0\n"+
		"/dev/loop97 "+escaped+" ext4 rw,relatime 0 0\n"+
		"/dev/loop97 /bind/mount/of/it ext4 rw,relatime 0 0\n"+
		"tmpfs /tmp tmpfs rw 0 0\n")
	return directory, table
}

// mountNew mounts a new file system, the file disk of the folder, with a space in its name.
func mountNew(t *testing.T, folder, size string, mkfs ...string) (directory string) {
	t.Helper()
	file, directory := filepath.Join(folder, "disk"), filepath.Join(folder, "mount point")
	for _, command := range [][]string{{"truncate", "-s", size, file}, append(mkfs, file), {"mkdir", directory}, {"mount", "-o", "loop", file, directory}} {
		if output, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("no loop device can be mounted here: %s: %s", err, output)
		}
	}
	t.Cleanup(func() {
		_ = exec.Command("fsfreeze", "--unfreeze", directory).Run()
		if output, err := exec.Command("umount", directory).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, output)
		}
	})
	return directory
}

func freezeHere(table string, seconds int) string {
	return fmt.Sprintf("sh -c '%s' freeze.sh %d %s", strings.ReplaceAll(freezeScript, "'", `'\''`), seconds, table)
}

// touched makes a file, and reports whether it could within that time; done is closed when it could.
func touched(t *testing.T, path string, within time.Duration) (ok bool, done chan struct{}) {
	t.Helper()
	done = make(chan struct{})
	go func() {
		defer close(done)
		_ = os.WriteFile(path, []byte("x"), 0o600)
	}()
	select {
	case <-done:
		return true, done
	case <-time.After(within):
		return false, done
	}
}

func TestFreezeAndThaw(t *testing.T) {
	directory, table := mountedFile(t)
	frozen, err := freeze(t.Context(), thisHost{}, freezeHere(table, 60))
	if err != nil {
		t.Fatal(err)
	}
	ok, done := touched(t, filepath.Join(directory, "file"), 300*time.Millisecond)
	if ok {
		t.Error("something was written to a frozen file system")
	}
	if err := frozen.thaw(t.Context()); err != nil {
		t.Error(err)
	}
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("still frozen")
	}
	if _, err := freeze(t.Context(), thisHost{}, freezeHere(table, 60)); err != nil {
		t.Errorf("freezing it again: %v", err)
	}
}

// TestFATIsLeftClean: a file system that cannot be frozen must not look as if it had been torn off. Not every kernel that runs this test has
// FAT; ext2 marks itself as in use in the same way.
func TestFATIsLeftClean(t *testing.T) {
	_, table := mountedFile(t)
	folder := t.TempDir()
	directory := mountNew(t, folder, "16M", "mkfs.ext2", "-q")
	add, err := os.OpenFile(table, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = fmt.Fprintf(add, "/dev/loop96 %s vfat rw,relatime 0 0\n", strings.ReplaceAll(directory, " ", `\040`))
	must(t, errors.Join(err, add.Close()))
	inUse := func() bool {
		must(t, exec.Command("sync", filepath.Join(folder, "disk")).Run())
		disk, err := os.ReadFile(filepath.Join(folder, "disk"))
		must(t, err)
		return disk[1024+0x3a]&1 == 0 // s_state, EXT2_VALID_FS
	}
	write(t, filepath.Join(directory, "grub.cfg"), "x")
	must(t, exec.Command("sync").Run())
	if !inUse() {
		t.Fatal("this kernel does not mark it as in use")
	}
	frozen, err := freeze(t.Context(), thisHost{}, freezeHere(table, 60))
	must(t, err)
	if inUse() {
		t.Error("it is marked as in use")
	}
	must(t, frozen.thaw(t.Context()))
	if err := os.WriteFile(filepath.Join(directory, "grub.cfg"), []byte("y"), 0o600); err != nil {
		t.Errorf("nothing can be written to it any more: %v", err)
	}
}

// TestDeadManThaws when the host is silent, and the host learns that it was too late.
func TestDeadManThaws(t *testing.T) {
	directory, table := mountedFile(t)
	frozen, err := freeze(t.Context(), thisHost{}, freezeHere(table, 1))
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := touched(t, filepath.Join(directory, "file"), 5*time.Second); !ok {
		t.Error("still frozen")
	}
	if err := frozen.thaw(t.Context()); err == nil || !strings.Contains(err.Error(), `the guest said "late" instead of "thawed"`) {
		t.Errorf("got %v", err)
	}
}

// TestHangingUpThaws ends as a host does that has died.
func TestHangingUpThaws(t *testing.T) {
	directory, table := mountedFile(t)
	frozen, err := freeze(t.Context(), thisHost{}, freezeHere(table, 60))
	if err != nil {
		t.Fatal(err)
	}
	if err := frozen.input.Close(); err != nil {
		t.Fatal(err)
	}
	if ok, _ := touched(t, filepath.Join(directory, "file"), 5*time.Second); !ok {
		t.Error("still frozen")
	}
}

func TestFreezeThatCannotBe(t *testing.T) {
	table := filepath.Join(t.TempDir(), "mounts")
	write(t, table, "/dev/loop99 /no/such/directory ext4 rw 0 0\n")
	for want, command := range map[string]string{
		"/no/such/directory":                           freezeHere(table, 60),
		"no file system of the guest can be frozen":    freezeHere("/dev/null", 60),
		"sudo: not for you":                            "echo sudo: not for you >&2; exit 1",
		"the command ended without a reason":           "exit 1",
		`the guest said "Welcome" instead of "frozen"`: "echo Welcome",
	} {
		if _, err := freeze(t.Context(), thisHost{}, command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the build was cancelled"))
	if _, err := freeze(ctx, thisHost{}, "sleep 1"); err == nil || !strings.Contains(err.Error(), "the build was cancelled") {
		t.Errorf("got %v", err)
	}
}
