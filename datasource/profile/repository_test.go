package profile

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The rules on Ingot's own folder ansible/: an edit there rebuilds what it must, and no more.

// repository goes to a copy of it, with a spec "top" that has the tasks of all others, and pins that are made up.
func repository(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(filepath.Join(dir, "ansible"), os.DirFS("../../ansible")))
	t.Chdir(dir)
	specs, _ := filepath.Glob("ansible/specs/*.yaml")
	for i, path := range specs {
		specs[i] = strings.TrimSuffix(filepath.Base(path), ".yaml")
	}
	must(t, os.WriteFile("ansible/specs/top.yaml", fmt.Appendf(nil, "# All\nincludes: [%s]\n", strings.Join(specs, ", ")), 0o600))
	entries, err := os.ReadFile("ansible/meta/argument_specs.yml")
	must(t, err)
	pins := map[string]pin{}
	for _, variable := range regexp.MustCompile(`\bpin_\w+`).FindAllString(string(entries), -1) {
		pins[pinName(variable)] = pin{Version: "1", URL: "https://example.com/" + variable, Checksum: "sha256:00"}
	}
	must(t, os.WriteFile("pins.json", marshal(pins), 0o600))
}

func TestEveryFileIsSomebodys(t *testing.T) {
	repository(t)
	before := inputs(t)
	for _, path := range slices.Concat(globbed("ansible/files"), globbed("ansible/templates")) {
		text, err := os.ReadFile(path)
		must(t, err)
		edit(t, path, "", "\n")
		after := inputs(t)
		must(t, os.WriteFile(path, text, 0o600))
		if !slices.ContainsFunc(slices.Collect(maps.Keys(before)), func(task string) bool { return before[task] == after[task] }) {
			t.Errorf("%s: no task file and no proof refers to it, so an edit of it makes every layer anew: name it where it is used, or delete it", path)
		}
	}
}

func TestEditsOfTheRepository(t *testing.T) {
	for path, want := range map[string]string{
		"ansible/files/ingot-seal":                           "harden",
		"ansible/files/look-at-boot":                         "",
		"ansible/files/look-for-build":                       "",
		"ansible/files/monitoring-system/laurel.toml":        "monitoring-system",
		"ansible/files/nvidia/gpu.rules":                     "nvidia",
		"ansible/templates/containerd-system/look.j2":        "",
		"ansible/templates/containerd-system/sysctl.conf.j2": "containerd-system",
		"ansible/templates/look-at-tools.j2":                 "",
		"ansible/templates/monitoring-system/look.j2":        "",
		"ansible/templates/nvidia/look.j2":                   "",
		"ansible/templates/nvidia/look-at-driver.j2":         "nvidia",
		"ansible/archives.yaml":                              "tools monitoring-system nvidia",
		"ansible/tasks/packages.yaml":                        "packages",
	} {
		t.Run(path, func(t *testing.T) {
			repository(t)
			before := inputs(t)
			edit(t, path, "", "\n")
			wantChanged(t, before, inputs(t), want)
		})
	}
}

// TestVariablesOfTheRepository: what one profile sets must not keep it from sharing the layers of another.
func TestVariablesOfTheRepository(t *testing.T) {
	for variable, want := range map[string]string{
		"packages_extra: [zsh]":            "packages",
		"nvidia_branch: \"1\"":             "nvidia",
		"containerd_kernel_modules: [tun]": "containerd-system",
	} {
		t.Run(variable, func(t *testing.T) {
			repository(t)
			before := inputs(t)
			edit(t, "ansible/specs/top.yaml", "", "vars:\n  "+variable+"\n")
			wantChanged(t, before, inputs(t), want)
		})
	}
}

// TestProfilesShareLayers: a task is the same layer input in every profile that has it.
func TestProfilesShareLayers(t *testing.T) {
	repository(t)
	all := inputs(t)
	for _, path := range globbed("ansible/specs") {
		spec := strings.TrimSuffix(filepath.Base(path), ".yaml")
		for task, got := range inputsOf(t, spec) {
			if got != all[task] {
				t.Errorf("%s: inputs of %s are not those in other profiles, so it cannot be shared", spec, task)
			}
		}
	}
}

func globbed(dir string) []string {
	var paths []string
	_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	return paths
}
