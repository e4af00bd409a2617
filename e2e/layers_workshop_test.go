//go:build e2e && layers

package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// workshop is where images are built for a test: a folder that all may read, with a cache that only this test uses.
type workshop struct {
	user            *user // nil: root
	folder, content string
	cache, plugin   string
	source          []string // the -var options of the base image
}

// The profiles differ in the second task file. Few packages: what the layers hold does not matter here.
var profiles = map[string]string{
	"layers": "# For a test\ntasks: [packages, settings, app]\nvars: {packages_install: [jq, less]}\n",
	"other":  "# For a test, too\ntasks: [packages, app]\nvars: {packages_install: [jq, less]}\n",
}

func newWorkshop(t *testing.T, u *user) *workshop {
	t.Helper()
	folder, err := os.MkdirTemp("/var/tmp", "ingot-layers-") // where the user that runs QEMU can go
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	w := &workshop{user: u, folder: folder, content: filepath.Join(folder, "content"), cache: filepath.Join(folder, "cache")}
	w.plugin = filepath.Join(folder, "packer-plugin-ingot")
	run(t, "cp", "../bin/packer-plugin-ingot", w.plugin)
	run(t, "../scripts/bench.d/content", w.content)
	for name, text := range profiles {
		if err := os.WriteFile(filepath.Join(w.content, "specs", name+".yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "cp", "../bench/ingot.pkr.hcl", folder)
	w.findSource(t)
	if u != nil {
		run(t, "cp", packer(), filepath.Join(folder, "packer"))
		run(t, "chown", "-R", u.name, folder)
		if output, err := u.as(filepath.Join(folder, "packer"), "plugins", "install", "--path", w.plugin, "github.com/ingot-images/ingot").CombinedOutput(); err != nil {
			t.Fatalf("installing the plugin for %s: %v: %s", u.name, err, output)
		}
	}
	run(t, "chmod", "755", folder)
	return w
}

// findSource uses the base image that make image would.
func (w *workshop) findSource(t *testing.T) {
	t.Helper()
	file := strings.TrimPrefix(strings.TrimSpace(string(run(t, "../scripts/choose-base"))), "-var-file=")
	if file == "" {
		line := regexp.MustCompile(`(?m)^image\s+debian-13\s+\S+\s+(\S+)\s+(\S+)`).FindSubmatch(run(t, w.plugin, "pins", "-file", "../versions.yaml"))
		if line == nil {
			t.Fatal("versions.yaml pins no debian-13")
		}
		w.source = []string{"-var", "source_image=" + string(line[1]), "-var", "source_checksum=" + string(line[2])}
		return
	}
	w.source = []string{"-var-file=" + filepath.Join(w.folder, "base.pkrvars.hcl")}
	run(t, "cp", filepath.Join("..", file), filepath.Join(w.folder, "base.pkrvars.hcl"))
}

// build runs packer, and returns what it says.
func (w *workshop) build(t *testing.T, spec, name string) string {
	t.Helper()
	program := packer()
	if w.user != nil {
		program = filepath.Join(w.folder, "packer")
	}
	arguments := append([]string{"build", "-color=false"}, w.source...)
	for _, v := range []string{"spec=" + spec, "ansible_directory=" + w.content, "cache_directory=" + w.cache, "output_directory=" + filepath.Join(w.folder, name)} {
		arguments = append(arguments, "-var", v)
	}
	log, err := w.user.as(program, append(arguments, filepath.Join(w.folder, "ingot.pkr.hcl"))...).CombinedOutput()
	if err != nil {
		t.Errorf("building %s: %v\n%s", name, err, log)
	}
	t.Logf("%s: %s", name, finished.Find(log))
	return string(log)
}

var finished = regexp.MustCompile(`Build '[^']*' finished after [^.]*`)

func (w *workshop) image(t *testing.T, name string) image {
	t.Helper()
	return imageIn(t, filepath.Join(w.folder, name))
}

func imageIn(t *testing.T, directory string) image {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(directory, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		t.Fatal(err)
	}
	return image{directory: directory, path: filepath.Join(directory, m.Image.File), manifest: m}
}

// checkCache reads all that is kept, and compares it with what should be: each thing under its name, and no file besides.
func (w *workshop) checkCache(t *testing.T, want ...string) {
	t.Helper()
	verified, err := exec.Command(w.plugin, "cache", "verify", "-cache-directory", w.cache).CombinedOutput()
	if err != nil || !bytes.Contains(verified, []byte("none is broken")) {
		t.Errorf("the cache is not sound: %v\n%s", err, verified)
	}
	list := string(run(t, w.plugin, "cache", "list", "-cache-directory", w.cache))
	var got []string
	for _, row := range regexp.MustCompile(`(?m)^│[ │├└─]*([a-z][a-z -]*?) +│ bench`).FindAllStringSubmatch(list, -1) {
		got = append(got, row[1])
	}
	slices.Sort(got)
	if !slices.Equal(got, want) || strings.Contains(list, "running or dead builds") {
		t.Errorf("the cache holds %q, want %q\n%s", got, want, list)
	}
}

// edit changes one line of what is built from.
func (w *workshop) edit(t *testing.T, name, from, to string) {
	t.Helper()
	path := filepath.Join(w.content, name)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(content, []byte(from)) != 1 {
		t.Fatalf("%s: %q is not there once", name, from)
	}
	if err := os.WriteFile(path, bytes.Replace(content, []byte(from), []byte(to), 1), 0o644); err != nil {
		t.Fatal(err)
	}
}
