package ansible

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// label is the task file, or the playbook's name for what comes before the first, and the task.
func (p *progress) label(e *event) string {
	group := p.group
	if group == "" {
		group = stem(p.config.Playbook)
	}
	return group + ": " + e.Name
}

// groupOf finds the selected task file that a task belongs to. A task of another file, such as a handler, belongs to the one
// that is being applied.
func (p *progress) groupOf(e *event) string {
	file := e.Path[:max(strings.LastIndexByte(e.Path, ':'), 0)]
	names := []string{stem(file), stem(e.Entry)}
	if _, below, ok := strings.Cut(file, p.root+"/tasks/"); ok {
		first, _, _ := strings.Cut(below, "/") // tasks/<name>/part.yaml belongs to <name>
		names = append(names, stem(first))
	}
	for _, name := range names {
		if slices.Contains(p.config.Tasks, name) {
			return name
		}
	}
	return ""
}

// place is file:line, as short as the user knows it.
func (p *progress) place(e *event) string { return strings.TrimPrefix(e.Path, p.root+"/") }

func stem(path string) string {
	if path == "" {
		return ""
	}
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// where says what was being done when the run ended early.
func (p *progress) where() (doing, at string) {
	doing, at = fmt.Sprintf("running %s on the guest", p.config.Playbook), "before the first task"
	if p.group != "" {
		doing = fmt.Sprintf("applying task %q to the guest", p.group)
	}
	if p.task != nil {
		at = fmt.Sprintf("at task %q", p.task.Name)
	} else if p.group != "" {
		at = "between two tasks"
	}
	return doing, at
}
