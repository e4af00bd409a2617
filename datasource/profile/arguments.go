package profile

import "github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"

// argumentSpecs is Ansible's own file: one entry for each task file, of the same name.
const argumentSpecs = "meta/argument_specs.yml"

// option is a variable that a task takes.
type option struct {
	node     *strictyaml.Node
	required bool
}

// loadArguments reads the entries of the selected tasks.
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
	r.arguments.Fields(r.arguments.Root, "", strictyaml.Keys{"argument_specs": func(path string, n *strictyaml.Node) {
		r.arguments.Each(n, path, func(_ string, key, value *strictyaml.Node) { r.entries[key.Value] = value })
	}}, "argument_specs")
	for _, t := range r.tasks {
		if entry := r.entries[t.name]; entry != nil {
			r.readOptions(t, entry)
		} else {
			r.arguments.Problem(r.arguments.Root, "argument_specs.%s: is required: Ansible checks the variables of tasks/%[1]s.yaml with it", t.name)
		}
	}
}

// readOptions reads options: {name: {required: true}} of one entry; the rest is Ansible's to judge.
func (r *resolver) readOptions(t *task, entry *strictyaml.Node) {
	path := "argument_specs." + t.name
	t.entry = r.arguments.Value(entry, path)
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

// optionNames returns the options of an entry, also of a task that is not selected and whose entry may be wrong.
func optionNames(entry *strictyaml.Node) []string {
	var names []string
	var ignored strictyaml.File
	ignored.Each(entry, "", func(_ string, key, value *strictyaml.Node) {
		if key.Value == "options" {
			ignored.Each(value, "", func(_ string, key, _ *strictyaml.Node) { names = append(names, key.Value) })
		}
	})
	return names
}
