package libvirt

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// cachedBuild is a cache with the image of a build that is over, and its configuration.
func cachedBuild(t *testing.T) *Config {
	t.Helper()
	cache := t.TempDir()
	c, l, _ := testLayers(t, cache)
	path := filepath.Join(t.TempDir(), "exported")
	write(t, path, "an image")
	checksum, size, err := hashFile(t.Context(), path)
	must(t, err)
	content, err := json.Marshal(manifest{
		Name: "base", BuildID: l.build, BuiltAt: time.Unix(1, 0).UTC(),
		Image: manifestImage{File: "old-name.qcow2", Checksum: checksum, Size: size, Digest: l.image()},
		Tasks: []taskTime{{Task: "packages", Seconds: 72.5}},
	})
	must(t, err)
	image := layer{Digest: l.image(), Parent: l.digests[2].Digest, Checksum: checksum, Size: size, Task: "harden", Profile: "base"}
	must(t, l.store.publishImage(t.Context(), image, l.build, path, map[string][]byte{manifestFile: content, consoleFile: []byte("it booted")}))
	must(t, l.close())
	return c
}

// restoreNow runs the step as a new build with that configuration, and returns what it says.
func restoreNow(t *testing.T, c *Config) (state multistep.StateBag, said string) {
	t.Helper()
	state, output := testState(t)
	stateBuild.put(state, newBuild(t, c.CacheDirectory))
	for _, step := range []multistep.Step{&stepOpenLayers{config: c}, &stepRestoreImage{config: c}} {
		if step.Run(t.Context(), state) == multistep.ActionHalt {
			t.Fatal(errorOf(state))
		}
		defer step.Cleanup(state)
	}
	return state, output.String()
}

func TestRestore(t *testing.T) {
	c := cachedBuild(t)
	state, said := restoreNow(t, c)
	if !stateRestored.get(state) || !strings.Contains(said, "Nothing has changed: restoring the image that build ") {
		t.Fatalf("nothing was restored: %s", said)
	}
	m, ours := readManifest(c.OutputDirectory)
	if !ours || m.Restored == nil || !m.BuiltAt.Equal(time.Unix(1, 0)) || m.Image.File != "ingot-base.qcow2" || len(m.Tasks) != 1 {
		t.Errorf("manifest: %+v", m)
	}
	if checksum, _, err := hashFile(t.Context(), filepath.Join(c.OutputDirectory, "ingot-base.qcow2")); err != nil || checksum != stateExported.get(state).checksum || checksum != m.Image.Checksum {
		t.Errorf("image: %s, %v", checksum, err)
	}
	for name, want := range map[string]string{"SHA256SUMS": strings.TrimPrefix(m.Image.Checksum, "sha256:") + "  ingot-base.qcow2\n", consoleFile: "it booted"} {
		if got, err := os.ReadFile(filepath.Join(c.OutputDirectory, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}

	before, err := os.Stat(c.OutputDirectory)
	must(t, err)
	if _, said = restoreNow(t, c); !strings.Contains(said, c.OutputDirectory+" holds this image already") {
		t.Errorf("again: %s", said)
	}
	after, err := os.Stat(c.OutputDirectory)
	if err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the output was written again: %v", err)
	}

	write(t, filepath.Join(c.OutputDirectory, "verify.json"), "{}") // what was said about the image since
	write(t, filepath.Join(c.OutputDirectory, "verify.xml"), "<testsuites/>")
	if _, said = restoreNow(t, c); !strings.Contains(said, c.OutputDirectory+" holds this image already") || !exists(filepath.Join(c.OutputDirectory, "verify.xml")) {
		t.Errorf("after it was verified: %s", said)
	}

	write(t, filepath.Join(c.OutputDirectory, "ingot-base.qcow2"), "AN IMAGE")
	if _, said = restoreNow(t, c); !strings.Contains(said, "restoring the image") || exists(filepath.Join(c.OutputDirectory, "verify.json")) {
		t.Errorf("an image that somebody has changed: %s", said)
	}
	write(t, filepath.Join(c.OutputDirectory, "thesis.txt"), "mine")
	state, output := testState(t)
	stateBuild.put(state, newBuild(t, c.CacheDirectory))
	write(t, filepath.Join(c.OutputDirectory, "ingot-base.qcow2"), "AN IMAGE")
	_ = (&stepOpenLayers{config: c}).Run(t.Context(), state)
	if (&stepRestoreImage{config: c}).Run(t.Context(), state) != multistep.ActionHalt || !strings.Contains(output.String(), `holds "thesis.txt", which Ingot did not make`) {
		t.Errorf("a stranger's file was replaced: %s", output)
	}
}

// TestNotRestored is every way in which a build makes its image anew.
func TestNotRestored(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"force":        func(c *Config) { c.PackerForce = true },
		"cache is off": func(c *Config) { c.Cache = "off" },
		"no checksum":  func(c *Config) { c.SourceChecksum = "none" },
		"other disk":   func(c *Config) { c.DiskSize++ },
		"other root":   func(c *Config) { c.RootSize-- },
		"other task": func(c *Config) {
			c.Layers = strings.ReplaceAll(c.Layers, strings.Repeat("1", 64), strings.Repeat("4", 64))
		},
		"nothing to keep": func(c *Config) { c.SkipExport = true },
		"it is broken": func(c *Config) {
			images, _ := filepath.Glob(filepath.Join(c.CacheDirectory, "layers", "*.image.qcow2"))
			if len(images) != 1 || os.WriteFile(images[0], []byte("AN IMAGE"), 0o600) != nil {
				t.Errorf("images: %v", images)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := cachedBuild(t)
			change(c)
			if state, said := restoreNow(t, c); stateRestored.get(state) || exists(c.OutputDirectory) {
				t.Errorf("restored: %s", said)
			}
		})
	}
}

// TestRestoredBuildDoesNothingMore, and needs no libvirt.
func TestRestoredBuildDoesNothingMore(t *testing.T) {
	c := cachedBuild(t)
	c.LibvirtURI = "test:///no/such/node.xml"
	b := &Builder{config: *c}
	state, _ := testState(t)
	artifact, err := b.Run(t.Context(), uiOf(state), nil)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := readManifest(c.OutputDirectory); artifact.Id() != m.Image.Checksum || len(artifact.Files()) != 4 {
		t.Errorf("artifact %s: %v", artifact.Id(), artifact.Files())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(c.OutputDirectory), ".ingot-*")); len(left) > 0 {
		t.Errorf("left beside the output: %v", left)
	}
}

func TestOutputOfIngotIsReplaced(t *testing.T) {
	c, err := testConfig(t, map[string]any{"output_directory": filepath.Join(t.TempDir(), "base")})
	must(t, err)
	write(t, filepath.Join(c.OutputDirectory, "other-name.qcow2"), "the last image")
	if err := c.checkOutputDirectory(); err == nil || !strings.Contains(err.Error(), `holds "other-name.qcow2", which Ingot did not make`) {
		t.Errorf("without a manifest: %v", err)
	}
	write(t, filepath.Join(c.OutputDirectory, manifestFile),
		`{"build_id": "0123abcd", "image": {"file": "other-name.qcow2", "checksum": "sha256:`+strings.Repeat("a", 64)+`"}}`)
	if err := c.checkOutputDirectory(); err != nil {
		t.Error(err)
	}
	write(t, filepath.Join(c.OutputDirectory, "thesis.txt"), "mine")
	if err := c.checkOutputDirectory(); err == nil || !strings.Contains(err.Error(), `holds "thesis.txt"`) {
		t.Errorf("with a stranger's file: %v", err)
	}
}
