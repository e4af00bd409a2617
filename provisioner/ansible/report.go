package ansible

import (
	"errors"
	"math"
	"slices"
	"time"
)

// taskFile is what tasks.json says of one task file.
type taskFile struct {
	Task              string  `json:"task"`
	Seconds           float64 `json:"seconds"` // without the checkpoint
	Changed           int     `json:"changed"`
	OK                int     `json:"ok"` // including the changed ones, as in Ansible's own recap
	Failed            bool    `json:"failed,omitempty"`
	Cached            bool    `json:"cached,omitempty"`             // not applied: the disk had it
	CheckpointSeconds float64 `json:"checkpoint_seconds,omitempty"` // how long Ansible stood still after it
}

// report keeps tasks.json: the task files of this build, in order, rewritten whenever one is finished.
type report struct {
	path    string // empty: kept nowhere
	files   []*taskFile
	current *taskFile
	since   time.Time
	seen    map[string]bool // in this run
	err     error           // of writing, told at the end
}

// cached notes task files that the guest's disk has from an earlier build.
func (r *report) cached(tasks []string) {
	for _, task := range tasks {
		if r.find(task) == nil {
			r.files = append(r.files, &taskFile{Task: task, Cached: true})
		}
	}
	r.err = errors.Join(r.err, r.write())
}

// applied says whether an earlier run of this build has begun to apply any of tasks.
func (r *report) applied(tasks []string) bool {
	return slices.ContainsFunc(tasks, func(task string) bool {
		file := r.find(task)
		return file != nil && !file.Cached
	})
}

func (r *report) find(task string) *taskFile {
	at := slices.IndexFunc(r.files, func(f *taskFile) bool { return f.Task == task })
	if at < 0 {
		return nil
	}
	return r.files[at]
}

// enter begins a task file. One that was applied by an earlier try is reported anew.
func (r *report) enter(task string, now time.Time) {
	r.leave(now)
	file := r.find(task)
	if file != nil && !r.seen[task] {
		r.files = slices.DeleteFunc(r.files, func(f *taskFile) bool { return f == file })
		file = nil
	}
	if file == nil {
		file = &taskFile{Task: task}
		r.files = append(r.files, file)
	}
	r.current, r.since, r.seen[task] = file, now, true
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

// checkpoint notes how long Ansible stood still after a task file that has been left.
func (r *report) checkpoint(task string, took time.Duration) {
	if file := r.find(task); file != nil {
		file.CheckpointSeconds = math.Round(took.Seconds()*1000) / 1000
		r.err = errors.Join(r.err, r.write())
	}
}

// fail finishes the current task file as the one that failed.
func (r *report) fail(now time.Time) {
	if r.current != nil {
		r.current.Failed = true
	}
	r.leave(now)
}
