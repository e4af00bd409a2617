package profile

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/hashicorp/hcl/v2/hcldec"
)

const onePin = `{"fzf": {"version": "1", "url": "https://example.com/1", "checksum": "sha256:00"}}`

func TestConfigure(t *testing.T) {
	const pinsRule = "pins: must be a JSON object of name to {version, url, checksum}, as jsonencode(data.ingot-versions.NAME.pins) gives: "
	cases := []struct {
		name    string
		config  map[string]any
		wantErr string
	}{
		{name: "everything", config: map[string]any{"ansible_directory": "ansible", "spec": "base", "pins": onePin}},
		{name: "no pins", config: map[string]any{"ansible_directory": "ansible", "spec": "base"}},
		{name: "values that validate does not know yet", config: map[string]any{"ansible_directory": unknown, "spec": unknown, "pins": unknown}},
		{name: "nothing", config: map[string]any{}, wantErr: "ansible_directory: is required: the folder that holds specs/ and tasks/\n" +
			`spec: must match ^[a-z][a-z0-9-]*$, got ""`},
		{name: "a path", config: map[string]any{"ansible_directory": "ansible", "spec": "../base"}, wantErr: `spec: must match ^[a-z][a-z0-9-]*$, got "../base"`},
		{name: "pins are no JSON", config: map[string]any{"ansible_directory": "a", "spec": "b", "pins": "fzf"},
			wantErr: pinsRule + "invalid character 'z' in literal false (expecting 'a')"},
		{name: "pins with a surplus key", config: map[string]any{"ansible_directory": "a", "spec": "b", "pins": `{"fzf": {"sha": "0"}}`},
			wantErr: pinsRule + `json: unknown field "sha"`},
		{name: "two objects", config: map[string]any{"ansible_directory": "a", "spec": "b", "pins": "{}{}"},
			wantErr: pinsRule + "something follows the object"},
		{name: "pin without checksum", config: map[string]any{"ansible_directory": "a", "spec": "b", "pins": `{"fzf": {"version": "1", "url": "https://example.com/1"}}`},
			wantErr: "pins: fzf: version, url and checksum are required, " +
				`got {"checksum":"","url":"https://example.com/1","version":"1"}`},
		{name: "pin that has no download here", config: map[string]any{"ansible_directory": "a", "spec": "b", "pins": `{"fzf": {"missing": "why"}}`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, new(Datasource).Configure(c.config), c.wantErr)
		})
	}
}

func TestExecuteHasTheTypesOfOutputSpec(t *testing.T) {
	tree(t, nil)
	var d Datasource
	must(t, d.Configure(map[string]any{"ansible_directory": "ansible", "spec": "base"}))
	out, err := d.Execute()
	must(t, err)
	if want := hcldec.ImpliedType(d.OutputSpec()); !out.Type().Equals(want) {
		t.Errorf("got %#v, want %#v", out.Type(), want)
	}
	if got := out.GetAttr("description").AsString(); got != "General-purpose server" {
		t.Errorf("description: got %q", got)
	}
}

// TestFolder proves that only regular files inside ansible_directory are read.
func TestFolder(t *testing.T) {
	cases := []struct {
		name    string
		given   func() error
		wantErr string
	}{
		{name: "symbolic link inside", given: func() error { return os.Symlink("base.yaml", "ansible/specs/top.yaml") }},
		{name: "symbolic link that leaves", given: func() error { return os.Symlink("../../pins.json", "ansible/specs/top.yaml") },
			wantErr: "spec: reading ansible/specs/top.yaml: path escapes from parent"},
		{name: "folder that is a link and leaves", given: func() error {
			return errors.Join(os.Rename("ansible/specs", "outside"), os.Symlink("../outside", "ansible/specs"))
		}, wantErr: "spec: reading ansible/specs/top.yaml: path escapes from parent"},
		{name: "named pipe", given: func() error { return syscall.Mkfifo("ansible/specs/top.yaml", 0o600) },
			wantErr: "spec: reading ansible/specs/top.yaml: must be a regular file, is p---------"},
		{name: "folder", given: func() error { return os.Mkdir("ansible/specs/top.yaml", 0o700) },
			wantErr: "spec: reading ansible/specs/top.yaml: must be a regular file, is d---------"},
		{name: "no ansible_directory", given: func() error { return os.RemoveAll("ansible") },
			wantErr: "ansible_directory: opening the folder: open ansible: no such file or directory"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree(t, nil)
			must(t, c.given())
			_, err := resolve(Config{AnsibleDirectory: "ansible", Spec: "top"})
			wantError(t, err, c.wantErr)
		})
	}
}

// FuzzSpec looks for a spec that panics, or whose values cannot be written as JSON.
func FuzzSpec(f *testing.F) {
	f.Add([]byte("# Top\nincludes: [base]\ntasks: [packages]\nvars: {a: [1, 2.5, .nan, ~, 2026-01-31, {b: yes}]}\n"))
	f.Add([]byte("---\n# Top\nvars:\n  a: &a [x]\n  b: *a\n  <<: {c: !!binary aGk=}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := parseSpec("top", "specs/top.yaml", data)
		if s.file.Err() != nil {
			return
		}
		for name, v := range s.vars {
			if v.String() == "" {
				t.Errorf("%s has no JSON", name)
			}
		}
	})
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("\n got: %s\nwant: %s", got, want)
	}
}
