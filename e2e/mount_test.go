//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// partitionTable is what `sfdisk --json` prints.
type partitionTable struct {
	Table struct {
		SectorSize int64 `json:"sectorsize"`
		Partitions []partition
	} `json:"partitiontable"`
}

type partition struct {
	Node  string
	Start int64 // sectors
	Size  int64 // sectors
}

// rawImage unpacks the image, without booting it. The file is sparse.
func rawImage(t *testing.T, i image) string {
	t.Helper()
	raw := filepath.Join(t.TempDir(), "image.raw")
	run(t, "qemu-img", "convert", "-O", "raw", i.path, raw)
	return raw
}

// mountRoot mounts the image's root file system read-only, without replaying its journal. It returns the directory, and where
// on the disk the file system begins, in bytes.
func mountRoot(t *testing.T, raw string) (string, int64) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("mounting the image needs root")
	}
	var table partitionTable
	if err := json.Unmarshal(run(t, "sfdisk", "--json", raw), &table); err != nil {
		t.Fatal(err)
	}
	sector := max(table.Table.SectorSize, 512)
	root := filepath.Join(t.TempDir(), "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range table.Table.Partitions {
		options := fmt.Sprintf("ro,noload,loop,offset=%d,sizelimit=%d", p.Start*sector, p.Size*sector)
		if exec.Command("mount", "-t", "ext4", "-o", options, raw, root).Run() != nil {
			continue
		}
		t.Cleanup(func() { run(t, "umount", root) })
		if _, err := os.Stat(filepath.Join(root, "etc/passwd")); err == nil {
			return root, p.Start * sector
		}
	}
	t.Fatal("no partition of the image is its root file system")
	return "", 0
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	output, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return output
}
