package libvirt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestPublishRace: builds in their own processes make the same layers at the same time. One publishes both; the others publish nothing,
// also not what stands on their own file.
func TestPublishRace(t *testing.T) {
	s := testStore(t)
	must(t, s.build(t.Context(), testDigests(), "0000000a"))
	var workers []*worker
	for range 4 {
		w, _ := startWorker(t, s, "publish", "")
		workers = append(workers, w)
	}
	for _, w := range workers {
		must(t, w.input.Close()) // all at once
	}
	var outcomes []string
	for _, w := range workers {
		outcomes = append(outcomes, w.line(t))
		must(t, w.command.Wait())
	}
	slices.Sort(outcomes)
	if got := strings.Join(outcomes, ", "); got != "lost lost, lost lost, lost lost, published published" {
		t.Errorf("outcomes: %s", got)
	}
	var said lines
	chain, err := s.deepest(t.Context(), testDigests("packages", "tools"), said.say)
	if err != nil || tasksOf(chain) != "source packages tools" || len(said) > 0 || chain.layers[1].buildID() != chain.layers[2].buildID() {
		t.Fatalf("%s, %v, said %q", tasksOf(chain), err, said)
	}
	must(t, chain.Close())
	must(t, s.prune(t.Context(), cacheLimits{}, said.say))
	if files := s.dataFiles(); len(files) != 3 || len(said) != 6 {
		t.Errorf("what the losers left: %v, said\n%s", files, said)
	}
}

// TestCrashBeforePublish kills a build between its data files and their JSON.
func TestCrashBeforePublish(t *testing.T) {
	s := testStore(t)
	must(t, s.build(t.Context(), testDigests(), "0000000a"))
	w, buildID := startWorker(t, s, "publish", "")
	var said lines
	must(t, s.prune(t.Context(), cacheLimits{}, said.say))
	if files := s.dataFiles(); len(files) != 3 || len(said) > 0 {
		t.Errorf("a prune touched files of a living build: %v, said %q", files, said)
	}
	w.kill(t)
	chain, err := s.deepest(t.Context(), testDigests("packages", "tools"), said.say)
	if err != nil || tasksOf(chain) != "source " {
		t.Errorf("%s, %v", tasksOf(chain), err)
	}
	chain.Close()
	must(t, s.prune(t.Context(), cacheLimits{}, said.say))
	if files := s.dataFiles(); len(files) != 1 || len(said) != 2 || !strings.Contains(said.String(), "."+buildID+".qcow2 of a build that is gone") {
		t.Errorf("after its death: %v, said\n%s", files, said)
	}
}

// TestPublishHolds: a build goes on on what it has published, so nobody takes that away.
func TestPublishHolds(t *testing.T) {
	s := testStore(t)
	build, err := createBuildDirectory(t.Context(), filepath.Dir(s.directory), "base")
	must(t, err)
	must(t, s.build(t.Context(), testDigests("packages"), build.id.ID))
	var said lines
	must(t, s.prune(t.Context(), cacheLimits{all: true}, said.say))
	if got := published(t, s); got != "packages source" || len(said) > 0 {
		t.Errorf("while it runs: %s, said\n%s", got, said)
	}
	must(t, build.remove())
	must(t, s.prune(t.Context(), cacheLimits{all: true}, said.say))
	if got := published(t, s); got != "" || len(s.dataFiles()) > 0 {
		t.Errorf("after it: %s, %v", got, s.dataFiles())
	}
}

// TestKeptBuild: what the disk of a build stands on stays, when the build was kept for inspection and has no process.
func TestKeptBuild(t *testing.T) {
	s, digests := built(t)
	build, err := createBuildDirectory(t.Context(), filepath.Dir(s.directory), "base")
	must(t, err)
	tools, err := s.load(digests[2].Digest)
	must(t, err)
	_, err = qemuImg(t.Context(), qemuImgDeadline, "create", "-q", "-f", "qcow2", "-u", "-b", s.path(tools.File), "-F", "qcow2", build.file(diskFile), "1M")
	must(t, err)
	must(t, build.keep())
	flipByte(t, s, tools) // even what is dropped stays for it, and what that stands on
	verifiedFiles.Clear()
	var said lines
	chain, err := s.deepest(t.Context(), digests, said.say)
	must(t, err)
	chain.Close()
	must(t, s.prune(t.Context(), cacheLimits{all: true}, said.say))
	if _, err := qemuImg(t.Context(), qemuImgDeadline, "info", "--backing-chain", build.file(diskFile)); err != nil || len(s.dataFiles()) != 3 || published(t, s) != "packages source" {
		t.Errorf("its disks are gone: %v, %v, %s, said\n%s", err, s.dataFiles(), published(t, s), said)
	}
	must(t, os.RemoveAll(build.path)) // as gc does
	must(t, s.prune(t.Context(), cacheLimits{all: true}, said.say))
	if files := s.dataFiles(); len(files) != 0 {
		t.Errorf("left: %v", files)
	}
}

// TestFullDisk uses a real file system without room, in a mount namespace of its own.
func TestFullDisk(t *testing.T) {
	s := testStore(t)
	w := newWorker(t, s, "full disk", "")
	w.command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	if err := w.command.Start(); err != nil {
		t.Skipf("this machine gives no user namespaces: %v", err)
	}
	if line := w.line(t); !strings.HasPrefix(line, "keeping layer") || !strings.Contains(line, "no space left") {
		t.Errorf("full: %q", line)
	}
	if line := w.line(t); line != "0 published" {
		t.Errorf("with room again: %q, want nothing left over and success", line)
	}
	if said, line := w.line(t), w.line(t); !strings.Contains(said, "could not be noted") || line != "source  <nil>" {
		t.Errorf("full again: %q, %q, want the layer to be used all the same", said, line)
	}
	must(t, w.command.Wait())
}

// TestPublishRefuses what no build could use.
func TestPublishRefuses(t *testing.T) {
	s := testStore(t)
	digests := testDigests("packages", "tools")
	must(t, s.build(t.Context(), digests[:1], "0000000a"))
	source, err := s.load(digests[0].Digest)
	must(t, err)
	for name, change := range map[string]func(*layer){
		"a file that grew":       func(l *layer) { l.Size-- },
		"no checksum":            func(l *layer) { l.Checksum = "" },
		"another folder":         func(l *layer) { l.File = "../" + l.File },
		"no data":                func(l *layer) { l.File = digests[1].Digest + ".0000000c.qcow2" },
		"a parent that is gone":  func(l *layer) { l.Parent = digests[2].Digest },
		"no parent":              func(l *layer) { l.Parent = "" },
		"a file of another name": func(l *layer) { l.File = source.File },
	} {
		packages, err := s.writeData(t.Context(), digests[1], "0000000b", source)
		must(t, err)
		change(&packages)
		if err := s.publish(t.Context(), packages); err == nil || exists(s.jsonPath(packages.Digest)) {
			t.Errorf("%s: %v", name, err)
		}
		must(t, os.Remove(s.newFile(digests[1].Digest, "0000000b")))
	}
}

// TestForce: with packer build -force a build starts from the source image, and what it publishes takes the place of what is there.
func TestForce(t *testing.T) {
	s, digests := built(t)
	forced := s
	forced.replace = true
	var said lines
	chain, err := forced.deepest(t.Context(), digests, said.say)
	if err != nil || tasksOf(chain) != "source " {
		t.Fatalf("%s, %v", tasksOf(chain), err)
	}
	packages, err := s.writeData(t.Context(), digests[1], "0000000c", chain.layers[0])
	must(t, err)
	must(t, forced.publish(t.Context(), packages))
	must(t, chain.Close())
	chain, err = s.deepest(t.Context(), digests, said.say)
	if err != nil || tasksOf(chain) != "source packages" || chain.layers[1].buildID() != "0000000c" || len(said) > 0 {
		t.Errorf("%s, %v, said %q", tasksOf(chain), err, said)
	}
	chain.Close()
	must(t, s.prune(t.Context(), cacheLimits{}, said.say))
	if files := s.dataFiles(); len(files) != 2 {
		t.Errorf("what was replaced is left: %v", files)
	}
}

// TestVerifyEnds: a build that is cancelled does not read on, and drops nothing.
func TestVerifyEnds(t *testing.T) {
	s, digests := built(t)
	verifiedFiles.Clear()
	ctx, cancel := context.WithCancelCause(t.Context())
	layers, _, err := s.all()
	must(t, err)
	cancel(errors.New("no time"))
	if _, err := s.verifyLayers(ctx, []layer{layers[digests[0].Digest]}); err == nil || err.Error() != "no time" {
		t.Errorf("read on: %v", err)
	}
	if left, _, _ := s.all(); len(left) != 5 {
		t.Errorf("%d layers are left", len(left))
	}
}
