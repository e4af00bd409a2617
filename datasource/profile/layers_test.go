package profile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestLayersFlip makes each edit in the folder testdata/layers, and sees the inputs of exactly the tasks change that it can reach.
func TestLayersFlip(t *testing.T) {
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			copyOf(t, "testdata/layers")
			before := inputs(t)
			edit(t, e.path, e.old, e.new)
			wantChanged(t, before, inputs(t), e.want)
		})
	}
}

// TestLayersAreTheSameEverywhere: another path, times and modes, and another day, since the digests are written down.
func TestLayersAreTheSameEverywhere(t *testing.T) {
	path, _ := filepath.Abs("testdata/layers.want")
	copyOf(t, "testdata/layers")
	must(t, filepath.WalkDir("ansible", func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		} else if !entry.IsDir() {
			must(t, os.Chmod(path, 0o700))
		}
		return os.Chtimes(path, time.Time{}, time.Unix(1, 0))
	}))
	got := resolveLayers(t, "top") + "\n"
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != got {
		t.Errorf("every cache of layers is void when this changes; if it must, run go test -update\n got: %s\nwant: %s (%v)", got, want, err)
	}
}

// copyOf copies a folder, with ansible/ in it, and goes there.
func copyOf(t *testing.T, from string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "another", "path")
	must(t, os.CopyFS(dir, os.DirFS(from)))
	t.Chdir(dir)
}

func edit(t *testing.T, path, from, to string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil && from != "" && strings.Count(string(data), from) != 1 {
		t.Fatalf("%s: want one %q", path, from)
	}
	text := string(data) + to
	if from != "" {
		text = strings.Replace(string(data), from, to, 1)
	}
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

func resolveLayers(t *testing.T, spec string) string {
	t.Helper()
	pins, _ := os.ReadFile("pins.json")
	out, err := resolve(Config{AnsibleDirectory: "ansible", Spec: spec, Pins: string(pins)})
	must(t, err)
	return out.Layers
}

func inputs(t *testing.T) map[string]string {
	t.Helper()
	return inputsOf(t, "top")
}

// inputsOf returns them by task.
func inputsOf(t *testing.T, spec string) map[string]string {
	t.Helper()
	var layers []layer
	must(t, json.Unmarshal([]byte(resolveLayers(t, spec)), &layers))
	byTask := map[string]string{}
	for _, l := range layers {
		if !strings.HasPrefix(l.Inputs, "sha256:") || len(l.Inputs) != len("sha256:")+64 {
			t.Fatalf("inputs of %s: got %q", l.Task, l.Inputs)
		}
		byTask[l.Task] = l.Inputs
	}
	return byTask
}

func wantChanged(t *testing.T, before, after map[string]string, want string) {
	t.Helper()
	var changed []string
	for task := range before {
		if before[task] != after[task] {
			changed = append(changed, task)
		}
	}
	wanted := strings.Fields(want)
	slices.Sort(changed)
	slices.Sort(wanted)
	if len(before) != len(after) || !slices.Equal(changed, wanted) {
		t.Errorf("changed: got %q, want %q", changed, wanted)
	}
}
