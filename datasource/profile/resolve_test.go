package profile

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the want section of the cases")

// TestResolve runs every testdata/resolve/*.txtar: its files are laid over testdata/tree, and its section "want" holds what
// the spec "top" resolves to (tasks, variables, artifacts, manifest, declared), or the exact error.
func TestResolve(t *testing.T) {
	cases, _ := filepath.Glob("testdata/resolve/*.txtar")
	for _, path := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			path, _ := filepath.Abs(path)
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files, want := split(archive)
			tree(t, files)
			got := resolveTop()
			if *update {
				archive.Files = append(files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("\n got: %s\nwant: %s", got, want)
			}
		})
	}
}

func split(archive *txtar.Archive) (files []txtar.File, want string) {
	for _, f := range archive.Files {
		if f.Name == "want" {
			want = string(f.Data)
		} else {
			files = append(files, f)
		}
	}
	return files, want
}

// tree makes testdata/tree with files over it, and goes there.
func tree(t *testing.T, files []txtar.File) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS("testdata/tree")))
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if string(f.Data) == "(absent)\n" {
			must(t, os.Remove(path))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, f.Data, 0o644))
	}
	t.Chdir(dir)
}

func resolveTop() string {
	pins, _ := os.ReadFile("pins.json")
	out, err := resolve(Config{AnsibleDirectory: "ansible", Spec: "top", Pins: string(pins)})
	if err != nil {
		return err.Error() + "\n"
	}
	var text bytes.Buffer
	for _, part := range []string{string(marshal(out.Tasks)), out.Variables, out.Artifacts, out.Manifest, out.Declared} {
		if err := json.Indent(&text, []byte(part), "", "  "); err != nil {
			return err.Error()
		}
		text.WriteByte('\n')
	}
	return text.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
