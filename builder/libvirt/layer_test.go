package libvirt

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testStore is an empty store in a cache of its own.
func testStore(t *testing.T) layerStore {
	t.Helper()
	if _, err := exec.LookPath("qemu-img"); err != nil {
		t.Skip("qemu-img is not installed")
	}
	s := storeOf(t.TempDir())
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	return s
}

// testDigests are what a profile with these tasks has; the same tasks have the same digests.
func testDigests(tasks ...string) []layerDigest {
	digests := []layerDigest{{Digest: digestOf("source")}}
	for i, task := range tasks {
		digests = append(digests, layerDigest{Task: task, Digest: digestOf(digests[i].Digest, task)})
	}
	return digests
}

// writeData is what a build does before it publishes: a real qcow2 on the parent's data file, with some bytes.
func (s layerStore) writeData(ctx context.Context, d layerDigest, buildID string, parent layer) (layer, error) {
	path := s.newFile(d.Digest, buildID)
	args := []string{"create", "-q", "-f", "qcow2", "-o", "cluster_size=4096"}
	if parent.File != "" {
		args = append(args, "-u", "-b", s.path(parent.File), "-F", parent.Format)
	}
	if _, err := qemuImg(ctx, time.Minute, append(args, path, "1M")...); err != nil {
		return layer{}, err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return layer{}, err
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%0*d", 64<<10, rand.Uint64()); err != nil {
		return layer{}, err
	}
	checksum, size, err := hashFile(ctx, path)
	return layer{
		Digest: d.Digest, Parent: parent.Digest, File: filepath.Base(path), Checksum: checksum, Size: size, Task: d.Task, Profile: "base",
	}, err
}

// build publishes the layers of digests that are missing.
func (s layerStore) build(ctx context.Context, digests []layerDigest, buildID string) error {
	parent := layer{}
	for _, d := range digests {
		l, err := s.load(d.Digest)
		if err != nil {
			if l, err = s.writeData(ctx, d, buildID, parent); err != nil {
				return err
			}
			if err := s.publish(ctx, l); err != nil {
				return errors.Join(err, os.Remove(s.path(l.File)))
			}
			l.Format = "qcow2"
		}
		parent = l
	}
	return nil
}

// built is a store with the layers of two profiles that share packages; no build lives.
func built(t *testing.T) (layerStore, []layerDigest) {
	t.Helper()
	s := testStore(t)
	digests := testDigests("packages", "tools", "nvidia")
	must(t, s.build(t.Context(), digests, "0000000a"))
	must(t, s.build(t.Context(), testDigests("packages", "monitoring"), "0000000b"))
	return s, digests
}

// age makes layers look as if they had not been used for so long.
func (s layerStore) age(t *testing.T, digest string, by time.Duration) {
	t.Helper()
	l, err := s.load(digest)
	must(t, err)
	l.LastUsed = l.LastUsed.Add(-by)
	must(t, s.write(l))
}

// lines collects what is said.
type lines []string

func (l *lines) say(line string) { *l = append(*l, line) }

func (l lines) String() string { return strings.Join(l, "\n") }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tasksOf says what a chain has, for comparison: "nothing", or its tasks.
func tasksOf(chain *layerChain) string {
	if chain == nil {
		return "nothing"
	}
	return "source " + strings.Join(chain.tasks(), " ")
}
