package profile

import (
	"fmt"
	"slices"
)

// task is one file in tasks/ with its entry in argument_specs.yml.
type task struct {
	name    string
	sha256  string
	entry   any // in argument_specs.yml
	options map[string]option
}

// loadTasks lists the tasks of all specs in order, each once, the closing ones last.
func (r *resolver) loadTasks() {
	for _, s := range r.order {
		for _, item := range s.tasks {
			if err := r.addTask(item.name); err != nil {
				s.file.Problem(item.node, "tasks: %v", err)
			}
		}
	}
	if err := r.addTask(sealing); err != nil {
		r.errs = append(r.errs, fmt.Errorf("every image ends with the task %s: %w", sealing, err))
	}
	slices.SortStableFunc(r.tasks, func(a, b *task) int { return slices.Index(closing, a.name) - slices.Index(closing, b.name) })
	r.loadArguments()
}

func (r *resolver) addTask(name string) error {
	if slices.ContainsFunc(r.tasks, func(t *task) bool { return t.name == name }) {
		return nil
	}
	data, err := r.folder.readNamed("tasks", name)
	if err != nil {
		return err
	}
	r.tasks = append(r.tasks, &task{name: name, sha256: digest(data), options: map[string]option{}})
	return nil
}

func (r *resolver) taskNames() []string {
	var names []string
	for _, t := range r.tasks {
		names = append(names, t.name)
	}
	return names
}
