//go:build e2e

package e2e

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// TestRelease makes the files of a release as .goreleaser.yml says, and goes with them the way of someone who has nothing else.
func TestRelease(t *testing.T) {
	files := readGoreleaser(t)
	binary := files.compile(t)
	want := description{
		Version: released, APIVersion: "x5.0", ProtocolVersion: "v2", SDKVersion: describePlugin(t, binary).SDKVersion, Builders: []string{"libvirt"},
		PostProcessors: []string{"verify"}, Provisioners: []string{"ansible"}, Datasources: []string{"profile", "versions"},
	}
	if got := describePlugin(t, binary); !reflect.DeepEqual(got, want) || got.SDKVersion == "" {
		t.Errorf("describe: got  %+v\nwant %+v", got, want)
	}
	check := exec.Command(strings.TrimSpace(string(run(t, "go", "tool", "-n", "packer-sdc"))), "plugin-check", filepath.Base(binary))
	check.Dir = filepath.Dir(binary) // it wants the name alone
	if output, err := check.CombinedOutput(); err != nil {
		t.Errorf("packer-sdc plugin-check: %v\n%s", err, output)
	}
	archive, sums := files.pack(t, binary)
	plugins := &installed{program: cmp.Or(os.Getenv("PACKER"), "packer"), folder: t.TempDir()}
	t.Run("install", func(t *testing.T) { plugins.install(t, archive, sums) })
	t.Run("init", plugins.initialize)
	t.Run("validate", plugins.validate)
	t.Run("build", plugins.build)
}

// installed is a folder of plugins that has nothing but the release.
type installed struct {
	program string // Packer
	folder  string
}

// install unpacks what was downloaded, once it has its checksum, and gives it to Packer.
func (i *installed) install(t *testing.T, archive, sums string) {
	check := exec.Command("sha256sum", "--check", "--strict", sums)
	check.Dir = filepath.Dir(archive)
	if output, err := check.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	name := strings.TrimSuffix(filepath.Base(archive), ".zip")
	folder := t.TempDir()
	run(t, "unzip", "-q", archive, "-d", folder)
	if entries, _ := os.ReadDir(folder); len(entries) != 1 || entries[0].Name() != name {
		t.Fatalf("Packer wants one file %s in the zip, got %v", name, entries)
	}
	i.packer(t, "plugins", "install", "--path", filepath.Join(folder, name), "github.com/ingot-images/ingot")
	path := filepath.Join(i.folder, "github.com/ingot-images/ingot", name)
	for _, file := range []string{path, path + "_SHA256SUM"} {
		if _, err := os.Stat(file); err != nil {
			t.Errorf("Packer would not find the plugin: %v", err)
		}
	}
}

// initialize: Packer finds the plugin that a template requires, and has nothing to download.
func (i *installed) initialize(t *testing.T) {
	i.packer(t, "init", "../templates/base.pkr.hcl")
	if required := i.packer(t, "plugins", "required", "../templates/base.pkr.hcl"); !strings.Contains(required, "_v"+released+"_x5.0_") {
		t.Errorf("Packer does not see the release: %s", required)
	}
}

func (i *installed) validate(t *testing.T) {
	templates, _ := filepath.Glob("../templates/*.pkr.hcl")
	for _, template := range append(templates, "../example") {
		i.packer(t, "validate", template)
		i.packer(t, "validate", "-evaluate-datasources", template)
	}
}

// build makes an image with the release: one that the cache has, so no guest is started. Its verification would start some, since a plugin does not
// trust what another has verified.
func (i *installed) build(t *testing.T) {
	profile := strings.Fields(cmp.Or(os.Getenv("INGOT_PROFILES"), "base"))[0]
	have := readImage(t, profile)
	file, output := withoutVerification(t, "../templates/"+profile+".pkr.hcl"), filepath.Join(t.TempDir(), profile)
	arguments := []string{"scripts/with-downloads", i.program, "build", "-var", "output_directory=" + output}
	if option := strings.TrimSpace(string(run(t, "../scripts/choose-base"))); option != "" {
		arguments = append(arguments, option)
	}
	command := exec.Command(arguments[0], append(arguments[1:], file)...)
	command.Dir, command.SysProcAttr = "..", &syscall.SysProcAttr{Setpgid: true}
	guard := &unchangedOnly{interrupt: func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGINT) }}
	command.Stdout, command.Stderr = guard, guard
	if err := i.with(command).Run(); err != nil || !strings.Contains(guard.log.String(), "restoring the image that build ") {
		t.Fatalf("want the image of the cache and no guest: run make image PROFILE=%s first: %v\n%s", profile, err, guard.log.String())
	}
	if got := checksum(t, filepath.Join(output, have.manifest.Image.File)); got != have.manifest.Image.Checksum {
		t.Errorf("the image is %s, the one in %s is %s", got, have.directory, have.manifest.Image.Checksum)
	}
}

// withoutVerification is a template without its post-processors, in the folder of the one that was given: it names files relative to that.
func withoutVerification(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, problems := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	for _, build := range file.Body.(*hclsyntax.Body).Blocks {
		for _, block := range slices.Backward(build.Body.Blocks) {
			if block.Type == "post-processor" {
				text = slices.Delete(text, block.TypeRange.Start.Byte, block.CloseBraceRange.End.Byte)
			}
		}
	}
	copied, err := filepath.Abs(filepath.Join(filepath.Dir(path), "release-test.pkr.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(copied) })
	if err := os.WriteFile(copied, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return copied
}

// packer runs Packer with these plugins only, and returns what it says.
func (i *installed) packer(t *testing.T, arguments ...string) string {
	t.Helper()
	return i.run(t, exec.Command(i.program, arguments...))
}

func (i *installed) run(t *testing.T, command *exec.Cmd) string {
	t.Helper()
	output, err := i.with(command).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, output)
	}
	return string(output)
}

// with gives a command these plugins only.
func (i *installed) with(command *exec.Cmd) *exec.Cmd {
	command.Env = append(os.Environ(), "PACKER_PLUGIN_PATH="+i.folder, "PACKER_CONFIG_DIR="+i.folder, "CHECKPOINT_DISABLE=1")
	return command
}

// unchangedOnly interrupts a build as soon as it says that it is one: long before a guest starts. Its buffer is not embedded, or its ReadFrom
// would be used in the place of Write.
type unchangedOnly struct {
	log       bytes.Buffer
	interrupt func()
}

func (u *unchangedOnly) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte("Artifacts: ")) || bytes.Contains(text, []byte("Accelerator ")) {
		u.interrupt()
	}
	return u.log.Write(text)
}
