package verify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hcldec"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	must(t, errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)))
}

// noBuilder is a machine that cannot boot anything.
type noBuilder struct{ runs *int }

func (noBuilder) ConfigSpec() hcldec.ObjectSpec                      { return nil }
func (noBuilder) Prepare(...any) (generated, warn []string, e error) { return nil, nil, nil }
func (b noBuilder) Run(context.Context, packersdk.Ui, packersdk.Hook) (packersdk.Artifact, error) {
	*b.runs++
	return nil, errors.New("libvirt_uri: nobody answers")
}

// built is an output directory of Ingot's with what is hardly an image, a post-processor for it, and how often a guest was started.
func built(t *testing.T) (p *PostProcessor, artifact packersdk.Artifact, output string, runs *int) {
	t.Helper()
	top := t.TempDir()
	output, runs = filepath.Join(top, "output", "base"), new(int)
	write(t, filepath.Join(output, "ingot-base.qcow2"), "an image")
	write(t, filepath.Join(output, manifestFile), `{"build_id": "0123abcd", "image": {"file": "ingot-base.qcow2"}}`)
	write(t, filepath.Join(top, "ansible", playbook), "[]")
	p = &PostProcessor{Components: Components{Builder: func() packersdk.Builder { return noBuilder{runs} }}}
	must(t, p.Configure(map[string]any{
		"ansible_directory": filepath.Join(top, "ansible"), "tasks": []string{"packages"}, "cache_directory": filepath.Join(top, "cache"),
	}))
	checksum, err := hashFile(t.Context(), filepath.Join(output, "ingot-base.qcow2"))
	must(t, err)
	return p, &packersdk.MockArtifact{
		BuilderIdValue: "ingot.libvirt", IdValue: checksum, FilesValue: []string{filepath.Join(output, "ingot-base.qcow2"), filepath.Join(output, manifestFile)},
	}, output, runs
}

func TestFailedImageIsKeptAside(t *testing.T) {
	p, artifact, output, runs := built(t)
	for range 2 { // the second replaces what the first kept
		must(t, os.RemoveAll(output))
		write(t, filepath.Join(output, "ingot-base.qcow2"), "an image")
		write(t, filepath.Join(output, manifestFile), `{"build_id": "0123abcd", "image": {"file": "ingot-base.qcow2"}}`)
		_, keep, force, err := p.PostProcess(t.Context(), packersdk.TestUi(t), artifact)
		if err == nil || !keep || !force || !strings.Contains(err.Error(), "is kept in "+output+".failed:\n") ||
			!strings.Contains(err.Error(), "first boot: a new machine lets its user in: ") {
			t.Fatalf("keep %v, force %v: %v", keep, force, err)
		}
		names, _ := filepath.Glob(filepath.Join(filepath.Dir(output), "*", "*"))
		for i := range names {
			names[i] = strings.TrimPrefix(names[i], filepath.Dir(output))
		}
		want := []string{"/base.failed/ingot-base.qcow2", "/base.failed/manifest.json", "/base.failed/verify.json", "/base.failed/verify.xml"}
		if !slices.Equal(names, want) {
			t.Errorf("got %q, want %q", names, want)
		}
	}
	if records, _ := filepath.Glob(filepath.Join(p.config.CacheDirectory, "verified", "*")); len(records) > 0 || *runs > 2 {
		t.Errorf("records %q, %d guests", records, *runs)
	}
}

func TestOnlyOwnIsReplaced(t *testing.T) {
	p, artifact, output, _ := built(t)
	thesis := filepath.Join(output+".unverified", "thesis.txt")
	write(t, thesis, "mine")
	_, _, _, err := p.PostProcess(t.Context(), packersdk.TestUi(t), artifact)
	if err == nil || !strings.Contains(err.Error(), "base.unverified is no output directory of Ingot's; move it away") {
		t.Error(err)
	}
	for _, path := range []string{thesis, filepath.Join(output, "ingot-base.qcow2")} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatPassedIsNotBootedAgain(t *testing.T) {
	p, artifact, output, runs := built(t)
	found, err := imageOf(t.Context(), artifact)
	must(t, err)
	passed, err := p.config.record(found)
	must(t, err)
	must(t, passed.keep(report{Version: reportVersion, Passed: true, Image: reportImage{File: "old-name.qcow2", Checksum: found.checksum}}))
	verified, keep, _, err := p.PostProcess(t.Context(), packersdk.TestUi(t), artifact)
	must(t, err)
	if files := verified.Files(); !keep || *runs != 0 || len(files) != 4 || filepath.Base(files[0]) != "ingot-base.qcow2" || verified.BuilderId() != "ingot.libvirt" {
		t.Errorf("keep %v, %d guests, %q", keep, *runs, files)
	}
	*artifact.(*packersdk.MockArtifact) = packersdk.MockArtifact{} // the builder's process cannot be asked any more
	if files := verified.Files(); len(files) != 4 || verified.Id() != found.checksum || !strings.HasSuffix(verified.String(), ", verified: 0 checks, 0 problems") {
		t.Errorf("%q, %s, %s", files, verified.Id(), verified)
	}
	if content, err := os.ReadFile(filepath.Join(output, jsonFile)); err != nil || !strings.Contains(string(content), `"file": "ingot-base.qcow2"`) {
		t.Errorf("report: %s, %v", content, err)
	}

	for name, change := range map[string]func(*Config){
		"a proof":     func(c *Config) { write(t, filepath.Join(c.AnsibleDirectory, "verify/packages.yaml"), "[]") },
		"a script":    func(c *Config) { write(t, filepath.Join(c.AnsibleDirectory, "files/look"), "true") },
		"a task":      func(c *Config) { c.Tasks = append(c.Tasks, "tools") },
		"a variable":  func(c *Config) { c.Variables = `{"a": 1}` },
		"declaration": func(c *Config) { c.Declared = `{"tasks": {}}` },
	} {
		before, err := p.config.record(found)
		must(t, err)
		change(&p.config)
		if after, err := p.config.record(found); err != nil || after == before {
			t.Errorf("%s has changed, and the image still counts as verified (%v)", name, err)
		}
	}
	must(t, verified.Destroy())
	if _, err := os.Stat(output); err == nil {
		t.Errorf("%s is still there", output)
	}
}

func TestTasksAreRequired(t *testing.T) {
	p, artifact, _, _ := built(t)
	p.config.Tasks = nil
	if _, _, _, err := p.PostProcess(t.Context(), packersdk.TestUi(t), artifact); err == nil || !strings.HasPrefix(err.Error(), "tasks: are required") {
		t.Error(err)
	}
}

// TestArtifactWithoutImage is a source with skip_export, and one with two images.
func TestArtifactWithoutImage(t *testing.T) {
	p, artifact, _, _ := built(t)
	for _, files := range [][]string{nil, {"a.qcow2", "b.qcow2"}} {
		artifact.(*packersdk.MockArtifact).FilesValue = files
		if len(files) == 0 {
			artifact.(*packersdk.MockArtifact).FilesValue = []string{"none"}
		}
		_, _, _, err := p.PostProcess(t.Context(), packersdk.TestUi(t), artifact)
		if err == nil || !strings.Contains(err.Error(), "the artifact must have one .qcow2 file, got") {
			t.Error(err)
		}
	}
}

func TestLastWords(t *testing.T) {
	console := filepath.Join(t.TempDir(), consoleFile)
	for text, want := range map[string]string{
		"Booting\r\n[ 8.8] Kernel panic - not syncing: Fatal exception\r\n[ 8.9] Kernel Offset: 0x2\r\n": "its console ends with: [ 8.8] Kernel panic - not syncing: Fatal exception",
		"Booting\nThe state cannot be mounted\n\n":                                                       "its console ends with: The state cannot be mounted",
		"": "",
	} {
		write(t, console, text)
		if got := strings.Join(lastWords(console), "|"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := lastWords(console + ".none"); got != nil {
		t.Errorf("without a console: %q", got)
	}
}

func TestVerificationEndsWithPacker(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	parents := []int{17, 17, 1} // it is killed after the second look
	cancelWithPacker(ctx, cancel, func() int {
		parent := parents[0]
		parents = parents[1:]
		return parent
	})
	if ctx.Err() == nil || len(parents) > 0 {
		t.Errorf("it goes on for nobody: %v, %v", ctx.Err(), parents)
	}
}

// TestCancelledImageIsNotPublished: nobody knows whether it is good.
func TestCancelledImageIsNotPublished(t *testing.T) {
	p, artifact, output, _ := built(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, _, err := p.PostProcess(ctx, packersdk.TestUi(t), artifact)
	if err == nil || !errors.Is(err, context.Canceled) || !strings.HasSuffix(err.Error(), "the image is not verified, and is in "+output+".unverified") {
		t.Error(err)
	}
	if _, err := os.Stat(output); err == nil {
		t.Errorf("%s is there", output)
	}
}
