package versions

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the .want files")

// TestLoad runs every testdata/load/*.yaml: the .want file beside it holds what is read, as JSON, or the exact error.
func TestLoad(t *testing.T) {
	cases, _ := filepath.Glob("testdata/load/*.yaml")
	for _, path := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			golden(t, strings.TrimSuffix(path, ".yaml")+".want", load(path))
		})
	}
}

func load(path string) string {
	pins, err := Load(path)
	if err != nil {
		return err.Error() + "\n"
	}
	text, _ := json.MarshalIndent(pins, "", "  ")
	return string(text) + "\n"
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s\n got: %s\nwant: %s", path, got, want)
	}
}
