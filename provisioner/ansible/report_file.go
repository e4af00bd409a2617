package ansible

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// newReport goes on with what an earlier provisioner of the same build has reported.
func newReport(path string) *report {
	r := &report{path: path, seen: map[string]bool{}}
	if content, err := os.ReadFile(path); path != "" && err == nil {
		r.err = json.Unmarshal(content, &r.files)
	}
	return r
}

// problem says what went wrong with the file.
func (r *report) problem() error {
	if r.err == nil {
		return nil
	}
	return fmt.Errorf("writing %s: %w", r.path, r.err)
}

// write replaces the file at once, so that nobody reads half of it.
func (r *report) write() error {
	if r.path == "" {
		return nil
	}
	content, err := json.MarshalIndent(r.files, "", "  ")
	if err != nil {
		return err
	}
	next := filepath.Join(filepath.Dir(r.path), ".tasks.json.next")
	if err := os.WriteFile(next, append(content, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(next, r.path)
}
