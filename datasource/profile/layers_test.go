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

const everyTask = "packages tools metrics harden"

// An edit replaces old text of a file by new text: it appends when old is "", and makes the file when there is none.
var edits = []struct{ name, path, old, new, want string }{
	{"task file", "ansible/tasks/packages.yaml", "Install", "Put", "packages"},
	{"comment in a task file", "ansible/tasks/packages.yaml", "", "# why\n", "packages"},
	{"task that is not selected", "ansible/tasks/other.yaml", "Copy", "Put", ""},
	{"its file", "ansible/files/other/only", "", "more", ""},
	{"its default", "ansible/defaults/main.yaml", "other_name: other", "other_name: another", ""},
	{"its entry", "ansible/meta/argument_specs.yml", "other_name: {type: str}", "other_name: {type: path}", ""},

	{"file that a task copies", "ansible/files/metrics/rules.toml", "1", "2", "metrics"},
	{"file without a folder", "ansible/files/seal", "", "exit 0\n", "harden"},
	{"template that a task names without .j2", "ansible/templates/editor.conf.j2", "set", "let", "tools"},
	{"template that a template includes", "ansible/templates/editor-keys.j2", "x", "z", "tools"},
	{"template in a folder that a task names", "ansible/templates/metrics/port-9100.j2", "=", ":", "metrics"},
	{"new file in a folder that a task names", "ansible/files/metrics/new/deep", "", "x", "metrics"},
	{"playbook that two tasks include", "ansible/archives.yaml", "Fetch", "Get", "tools metrics"},
	{"file for a handler", "ansible/templates/notice.j2", "", "!", everyTask},
	{"file that nobody refers to", "ansible/files/stray", "", "?", everyTask},
	{"new file that nobody refers to", "ansible/files/new", "", "?", everyTask},

	{"default of one task's option", "ansible/defaults/main.yaml", "packages_upgrade: false", "packages_upgrade: true", "packages"},
	{"default that only vars and a template name", "ansible/defaults/main.yaml", "9100", "9101", "metrics"},
	{"default that two tasks read", "ansible/defaults/main.yaml", "/var/cache", "/var/tmp", "tools metrics"},
	{"default that becomes another type of number", "ansible/defaults/main.yaml", "metrics_ratio: 1", "metrics_ratio: 1.0", "metrics"},
	{"default that a spec sets", "ansible/defaults/main.yaml", "packages_extra: []", "packages_extra: [x]", ""},
	{"default that is no option", "ansible/defaults/main.yaml", "C.UTF-8", "de_DE", everyTask},
	{"variable of a spec", "ansible/specs/top.yaml", "git", "fzf", "packages"},
	{"order in a list", "ansible/specs/top.yaml", "zsh, git", "git, zsh", "packages"},
	{"variable that a spec sets to its default", "ansible/specs/top.yaml", "vars:", "vars:\n  metrics_port: 9100", ""},
	{"entry", "ansible/meta/argument_specs.yml", "packages_upgrade: {type: bool}", "packages_upgrade: {type: raw}", "packages"},
	{"version of a pin", "pins.json", `"2.0"`, `"2.1"`, "tools"},
	{"url of a pin", "pins.json", "collector-1.0", "collector-1.1", "metrics"},
	{"checksum of a pin", "pins.json", "sha256:00", "sha256:33", "metrics"},
	{"pin that nobody asks for", "pins.json", "sha256:22", "sha256:33", ""},

	{"build playbook", "ansible/build.yaml", "", "# x\n", everyTask},
	{"playbook that applies a task", "ansible/apply.yaml", "", "# x\n", everyTask},
	{"settings of Ansible", "ansible/ansible.cfg", "60", "61", everyTask},
	{"vars", "ansible/vars/debian-13.yaml", "", "__more: 1\n", everyTask},
	{"handlers", "ansible/handlers/main.yaml", "Say so", "Say it", everyTask},
	{"requirements", "ansible/requirements.yaml", "[]", "[a.b]", everyTask},
	{"module", "ansible/library/module.py", "", "x", everyTask},
	{"plugin", "ansible/filter_plugins/filter.py", "", "x", everyTask},
	{"meta of the role", "ansible/meta/main.yml", "", "x", everyTask},
	{"folder that is not known", "ansible/roles/x/tasks/main.yml", "", "x", everyTask},

	{"proof", "ansible/verify/metrics.yaml", "Look", "See", ""},
	{"template of a proof, in a folder that a task names", "ansible/templates/metrics/look.j2", "", "exit 0\n", ""},
	{"file of the proof that comes first", "ansible/files/look-at-boot", "", "exit 0\n", ""},
	{"playbook of the proofs", "ansible/verify.yaml", "", "# x\n", ""},
	{"deployment", "ansible/vms/create.yaml", "", "x", ""},
	{"page", "ansible/README.md", "", "x", ""},
	{"settings of a linter", "ansible/.ansible-lint", "", "x", ""},
	{"what Python leaves", "ansible/filter_plugins/__pycache__/filter.pyc", "", "x", ""},
	{"comment in a spec", "ansible/specs/top.yaml", "Two values", "Both", ""},
	{"comment in the defaults", "ansible/defaults/main.yaml", "", "# x\n", ""},
	{"comment in the entries", "ansible/meta/argument_specs.yml", "options: {}", "options: {} # none", ""},
	{"order of keys in a spec", "ansible/specs/top.yaml", "{rack: one, room: two}", "{room: two, rack: one}", ""},
	{"order of keys in the defaults", "ansible/defaults/main.yaml", "metrics_port: 9100\nmetrics_ratio: 1", "metrics_ratio: 1\nmetrics_port: 9100", ""},
	{"order of keys in an entry", "ansible/meta/argument_specs.yml", "{type: list, elements: str}", "{elements: str, type: list}", ""},
	{"order of keys in the pins", "pins.json", `"version": "1.0", "url": "https://example.com/collector-1.0"`,
		`"url": "https://example.com/collector-1.0", "version": "1.0"`, ""},
	{"order of tasks: the chain's business", "ansible/specs/base.yaml", "packages, tools", "tools, packages", ""},
}

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
