package profile

import (
	"fmt"
	"slices"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// task is one file in tasks/ with its entry in argument_specs.yml.
type task struct {
	name    string
	sha256  string
	options map[string]option
}

// option is a variable that a task takes.
type option struct {
	node     *strictyaml.Node
	required bool
}

// argumentSpecs is Ansible's own file: one entry for each task file, of the same name.
const argumentSpecs = "meta/argument_specs.yml"

// loadTasks lists the tasks of all specs in order, each once, the sealing last.
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
	slices.SortStableFunc(r.tasks, func(a, b *task) int { return sealingLast(a) - sealingLast(b) })
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

func sealingLast(t *task) int {
	if t.name == sealing {
		return 1
	}
	return 0
}

// loadArguments reads the options of the selected tasks.
func (r *resolver) loadArguments() {
	data, err := r.folder.read(argumentSpecs)
	if err != nil {
		r.errs = append(r.errs, err)
		return
	}
	r.arguments = strictyaml.Parse(r.folder.show(argumentSpecs), data)
	if r.arguments.Root == nil {
		return
	}
	entries := map[string]*strictyaml.Node{}
	r.arguments.Fields(r.arguments.Root, "", strictyaml.Keys{"argument_specs": func(path string, n *strictyaml.Node) {
		r.arguments.Each(n, path, func(_ string, key, value *strictyaml.Node) { entries[key.Value] = value })
	}}, "argument_specs")
	for _, t := range r.tasks {
		if entry := entries[t.name]; entry != nil {
			r.readOptions(t, entry)
		} else {
			r.arguments.Problem(r.arguments.Root, "argument_specs.%s: is required: Ansible checks the variables of tasks/%[1]s.yaml with it", t.name)
		}
	}
}

// readOptions reads options: {name: {required: true}} of one entry; the rest is Ansible's to judge.
func (r *resolver) readOptions(t *task, entry *strictyaml.Node) {
	path := "argument_specs." + t.name
	r.arguments.Each(entry, path, func(path string, key, value *strictyaml.Node) {
		if key.Value != "options" {
			return
		}
		r.arguments.Each(value, path, func(path string, key, value *strictyaml.Node) {
			o := option{node: key}
			r.arguments.Each(value, path, func(path string, key, value *strictyaml.Node) {
				o.required = o.required || key.Value == "required" && r.arguments.Value(value, path) == true
			})
			t.options[key.Value] = o
		})
	})
}
