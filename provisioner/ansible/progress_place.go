package ansible

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
)

// label is the task file, or the playbook's name for what comes before the first, and the task.
func (p *progress) label(e *event) string {
	return cmp.Or(p.taskFile, stem(p.config.Playbook)) + ": " + e.Name
}

// place is file:line, as short as the user knows it.
func (p *progress) place(e *event) string { return strings.TrimPrefix(e.Path, p.root+"/") }

func stem(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// where says what was being done when the run ended early.
func (p *progress) where() (doing, at string) {
	doing, at = fmt.Sprintf("running %s on the guest", p.config.Playbook), "before the first task"
	if p.taskFile != "" {
		doing = fmt.Sprintf("applying task %q to the guest", p.taskFile)
	}
	if p.checkpoints != nil && p.checkpoints.waiting {
		at = "while the builder took the checkpoint after it"
	} else if p.task != nil {
		at = fmt.Sprintf("at task %q", p.task.Name)
	} else if p.taskFile != "" {
		at = "between two tasks"
	}
	return doing, at
}
