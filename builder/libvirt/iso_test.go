package libvirt

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestISOKeepsNamesAndContent has more folders than fit into one block, names as long as they may be, and sizes around a block's.
func TestISOKeepsNamesAndContent(t *testing.T) {
	build := t.TempDir()
	want := map[string][]byte{}
	random := rand.New(rand.NewSource(1))
	for i, size := range []int{0, 1, isoBlock - 1, isoBlock, isoBlock + 1, 3_000_000} {
		content := make([]byte, size)
		random.Read(content)
		name := fmt.Sprintf("nvidia-container-toolkit-base/%s-%d_am.tar.gz", strings.Repeat("Long.Name+~", 10)[:108], i)
		if !fileNamePattern.MatchString(filepath.Base(name)) || fileNamePattern.MatchString(filepath.Base(name)+"x") {
			t.Fatalf("is not as long as allowed: %s", name)
		}
		want[name] = content
	}
	for i := range 40 {
		want[fmt.Sprintf("%s%02d/tool-%d.tar.gz", strings.Repeat("tool", 25)[:98], i, i)] = fmt.Appendf(nil, "tool %d", i)
	}
	for name, content := range want {
		write(t, filepath.Join(build, "files", name), string(content))
	}
	path := filepath.Join(build, "artifacts.iso")
	if err := writeISO(t.Context(), path, "ingot-artifacts", filepath.Join(build, "files")); err != nil {
		t.Fatal(err)
	}
	volume := openISO(t, path)
	for name, content := range want {
		f, err := volume.OpenFile("/"+name, os.O_RDONLY)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: got %d bytes, %v, want the %d that were written", name, len(got), err, len(content))
		}
	}
	if left, _ := filepath.Glob(build + "/*"); len(left) != 1 {
		t.Errorf("left beside the disk: %v", left)
	}
	checkWithIsoinfo(t, path, want)
}

// checkWithIsoinfo reads it with another program than the one that wrote it.
func checkWithIsoinfo(t *testing.T, path string, want map[string][]byte) {
	t.Helper()
	if _, err := exec.LookPath("isoinfo"); err != nil {
		t.Log("isoinfo is not installed")
		return
	}
	for name, content := range want {
		got, err := exec.CommandContext(t.Context(), "isoinfo", "-R", "-i", path, "-x", "/"+name).Output()
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("isoinfo: %s: got %d bytes, %v, want the %d that were written", name, len(got), err, len(content))
		}
	}
}

func TestISOTooLargeFile(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "big"), "")
	if err := os.Truncate(filepath.Join(folder, "big"), 4<<30); err != nil {
		t.Skip(err)
	}
	err := writeISO(t.Context(), filepath.Join(t.TempDir(), "x.iso"), "x", folder)
	if err == nil || err.Error() != "big: must be smaller than 4 GiB to go on the disk, got 4096 MiB" {
		t.Errorf("got %v", err)
	}
}

func TestISOEndsWithItsContext(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "a"), "a")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	if err := writeISO(ctx, filepath.Join(t.TempDir(), "x.iso"), "x", folder); err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
}
