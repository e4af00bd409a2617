package libvirt

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// TestExport flattens a disk of root_size into an image of disk_size, compressed in every way.
func TestExport(t *testing.T) {
	if _, err := exec.LookPath("qemu-img"); err != nil {
		t.Skip("qemu-img is not installed")
	}
	folder := t.TempDir()
	below, disk := filepath.Join(folder, "below"), filepath.Join(folder, "disk")
	must(t, exec.Command("qemu-img", "create", "-q", "-f", "qcow2", below, "64M").Run())
	qemuIO(t, below, "write -P 1 0 4M")
	must(t, createOverlay(t.Context(), disk, below, "qcow2", 600))
	qemuIO(t, disk, "write -P 2 599M 1M")
	for _, compression := range []string{"zstd", "zlib", "none"} {
		for _, size := range []int{600, 2000} {
			c, err := testConfig(t, map[string]any{"compression": compression, "disk_size": size, "root_size": 600})
			must(t, err)
			image := filepath.Join(t.TempDir(), "image.qcow2")
			must(t, c.export(t.Context(), disk, image, new(packersdk.NoopProgressTracker)))
			if got, err := inspectImage(t.Context(), image); err != nil || got.VirtualSize != int64(size)<<20 {
				t.Errorf("%s, %d MiB: %d bytes, %v", compression, size, got.VirtualSize, err)
			}
			must(t, exec.Command("qemu-img", "check", "-q", image).Run())
			must(t, os.Chmod(image, 0o444))
			qemuIO(t, image, "read -P 1 0 4M")
			qemuIO(t, image, "read -P 2 599M 1M")
			if size > 600 {
				qemuIO(t, image, "read -P 0 600M 1400M")
			}
		}
	}
}
