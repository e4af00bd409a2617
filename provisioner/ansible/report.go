package ansible

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// taskFile is what tasks.json says of one applied task file.
type taskFile struct {
	Task    string  `json:"task"`
	Seconds float64 `json:"seconds"`
	Changed int     `json:"changed"`
	OK      int     `json:"ok"` // including the changed ones, as in Ansible's own recap
	Failed  bool    `json:"failed,omitempty"`
}

// report keeps tasks.json: the task files that this build has applied, in order, rewritten whenever one is finished.
type report struct {
	path    string // empty: kept nowhere
	files   []*taskFile
	current *taskFile
	since   time.Time
	seen    map[string]bool // in this run
	err     error           // of writing, told at the end
}

// newReport goes on with what an earlier provisioner of the same build has reported.
func newReport(path string) *report {
	r := &report{path: path, seen: map[string]bool{}}
	if content, err := os.ReadFile(path); path != "" && err == nil {
		r.err = json.Unmarshal(content, &r.files)
	}
	return r
}

// enter begins a task file. One that was applied by an earlier try is reported anew.
func (r *report) enter(task string, now time.Time) {
	r.leave(now)
	at := slices.IndexFunc(r.files, func(f *taskFile) bool { return f.Task == task })
	if at >= 0 && !r.seen[task] {
		r.files = slices.Delete(r.files, at, at+1)
		at = -1
	}
	if at < 0 {
		at = len(r.files)
		r.files = append(r.files, &taskFile{Task: task})
	}
	r.current, r.since, r.seen[task] = r.files[at], now, true
}

// count notes the result of one task.
func (r *report) count(status string) {
	if r.current == nil {
		return
	}
	switch status {
	case "changed":
		r.current.Changed++
		r.current.OK++
	case "ok":
		r.current.OK++
	}
}

// leave finishes the current task file, if there is one.
func (r *report) leave(now time.Time) {
	if r.current == nil {
		return
	}
	r.current.Seconds = math.Round((r.current.Seconds+now.Sub(r.since).Seconds())*10) / 10
	r.current = nil
	r.err = errors.Join(r.err, r.write())
}

// fail finishes the current task file as the one that failed.
func (r *report) fail(now time.Time) {
	if r.current != nil {
		r.current.Failed = true
	}
	r.leave(now)
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
