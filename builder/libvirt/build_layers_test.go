package libvirt

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// testTasks are the task files of the builds in these tests, with the inputs of each.
var testTasks = `[{"task": "packages", "inputs": "sha256:` + strings.Repeat("1", 64) + `"},
	{"task": "tools", "inputs": "sha256:` + strings.Repeat("2", 64) + `"},
	{"task": "harden", "inputs": "sha256:` + strings.Repeat("3", 64) + `"}]`

// testLayers are those of a running build of a cache, and what they say.
func testLayers(t *testing.T, cache string) (*Config, *buildLayers, *[]string) {
	t.Helper()
	if _, err := exec.LookPath("qemu-img"); err != nil {
		t.Skip("qemu-img is not installed")
	}
	c, err := testConfig(t, map[string]any{"cache_directory": cache, "layers": testTasks, "output_directory": filepath.Join(cache, "output"), "disk_size": 512})
	if err != nil {
		t.Fatal(err)
	}
	said := new([]string)
	l, err := c.openLayers(t.Context(), newBuild(t, cache).id.ID, func(line string) { *said = append(*said, line) })
	if err != nil {
		t.Fatal(err)
	}
	return c, l, said
}

// qemuIO writes to a disk, or compares what is there, as a guest would.
func qemuIO(t *testing.T, disk, command string) {
	t.Helper()
	output, err := exec.Command("qemu-io", "-d", "unmap", "-c", command, disk).CombinedOutput()
	if err != nil || strings.Contains(string(output), "failed") {
		t.Errorf("%s: %s: %v: %s", filepath.Base(disk), command, err, output)
	}
}

// bringSource brings a source image into the layers.
func bringSource(t *testing.T, l *buildLayers) sourceImage {
	t.Helper()
	path, err := l.sourceFile()
	must(t, err)
	must(t, exec.Command("qemu-img", "create", "-q", "-f", "qcow2", path, "64M").Run())
	qemuIO(t, path, "write -P 1 0 4M")
	source := sourceImage{Path: path, Format: "qcow2"}
	l.keepSource(source)
	return source
}

// TestLayersOfABuild goes the whole way: a first build makes layers, a second one starts from the deepest.
func TestLayersOfABuild(t *testing.T) {
	cache := t.TempDir()
	_, first, said := testLayers(t, cache)
	must(t, first.find(t.Context(), func(line string) { t.Error(line) }))
	if got := first.start(); got != "none is cached, starting with the source image" || first.tasksDone() != "[]" {
		t.Errorf("%s, %s", got, first.tasksDone())
	}
	disk, err := first.firstDisk(t.Context(), bringSource(t, first), 512)
	must(t, err)
	for _, task := range []string{"packages", "tools"} {
		if first.task() != task || first.isLast() {
			t.Fatalf("at %s instead of %s", first.task(), task)
		}
		qemuIO(t, disk, "write -P 2 1M 1M")
		next, err := first.nextDisk(t.Context(), 512)
		must(t, err)
		first.keep(next)
		disk = next
	}
	if !first.isLast() {
		t.Errorf("%s is not the last", first.task())
	}
	if got := first.outlook(); got != "The next build skips what is unchanged of: packages, tools" {
		t.Error(got)
	}
	must(t, first.close())
	if exists(disk) || len(*said) > 0 {
		t.Errorf("%s is still there, or somebody complained: %q", disk, *said)
	}

	_, second, _ := testLayers(t, cache)
	must(t, second.find(t.Context(), func(line string) { t.Error(line) }))
	if got := second.start(); got != "2 of 3 task files are cached, starting after tools" || second.tasksDone() != `["packages","tools"]` {
		t.Errorf("%s, %s", got, second.tasksDone())
	}
	disk, err = second.firstDisk(t.Context(), second.source("sha256:0"), 512)
	must(t, err)
	qemuIO(t, disk, "read -P 1 0 1M")
	qemuIO(t, disk, "read -P 2 1M 1M")
	qemuIO(t, disk, "discard 1M 1M") // nothing of the layers below may shine through
	qemuIO(t, disk, "read -P 0 1M 1M")
	must(t, second.close())
	if got := second.outlook(); got != "The next build skips what is unchanged of: packages, tools" {
		t.Errorf("when all is over: %s", got)
	}
}

// TestLayersThatCannotBeKept leaves nothing under a final name, and says so once.
func TestLayersThatCannotBeKept(t *testing.T) {
	cache := t.TempDir()
	_, l, said := testLayers(t, cache)
	disk, err := l.firstDisk(t.Context(), bringSource(t, l), 512)
	must(t, err)
	l.publishing.wait()
	must(t, os.Remove(l.disk)) // somebody clears the cache
	for range 2 {
		next, err := l.nextDisk(t.Context(), 512)
		must(t, err)
		l.keep(next)
	}
	l.publishing.wait()
	if err := (&checkpoints{layers: l}).take(t.Context(), "harden"); err == nil || err != l.publishing.failed() {
		t.Errorf("a checkpoint that cannot become a layer: %v", err)
	}
	must(t, l.close())
	if len(*said) != 1 || !strings.Contains((*said)[0], disk) || !strings.HasSuffix((*said)[0], "this build keeps no layers from here on") {
		t.Errorf("said %q", *said)
	}
	published, err := filepath.Glob(filepath.Join(cache, "layers", "*.json"))
	if err != nil || len(published) != 1 {
		t.Errorf("only the source image is one: %v %v", published, err)
	}
	data, err := filepath.Glob(filepath.Join(cache, "layers", "*.qcow2"))
	if err != nil || len(data) != 1 {
		t.Errorf("data files are left: %v %v", data, err)
	}
}

func TestCheckpointOfTheWrongTask(t *testing.T) {
	_, l, _ := testLayers(t, t.TempDir())
	l.depth = 1
	k := &checkpoints{layers: l}
	want := `"tools" is not the task file that is kept next, which is "packages"`
	if err := k.take(t.Context(), "tools"); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if err := k.take(t.Context(), "packages"); err == nil || err.Error() != want {
		t.Errorf("after one that failed there are no more: %v", err)
	}
}

// TestSweepOfLayers removes what a killed build left among the layers; those of a build that runs stay, and so does what is published.
func TestSweepOfLayers(t *testing.T) {
	conn, cache := testConnection(t), t.TempDir()
	_, alive, _ := testLayers(t, cache)
	running, err := alive.firstDisk(t.Context(), bringSource(t, alive), 512)
	must(t, err)
	c, err := testConfig(t, map[string]any{"cache_directory": cache, "layers": testTasks, "disk_size": 512})
	must(t, err)
	build := newBuild(t, cache)
	killed, err := c.openLayers(t.Context(), build.id.ID, func(line string) { t.Error(line) })
	must(t, err)
	orphan, err := killed.firstDisk(t.Context(), sourceImage{Path: running, Format: "qcow2"}, 512)
	must(t, err)
	must(t, build.lock.Close())
	alive.publishing.wait()

	removed, err := sweep(t.Context(), conn, cache, false)
	must(t, err)
	if exists(orphan) || !exists(running) || len(alive.publishing.wait()) != 1 {
		t.Errorf("killed build's disk there: %v, running build's: %v; removed %q", exists(orphan), exists(running), removed)
	}
	if len(removed) != 2 || !strings.HasPrefix(removed[1], filepath.Base(orphan)) {
		t.Errorf("told %q", removed)
	}
	must(t, alive.close())
}
