package profile

import (
	"log"
	"maps"
)

const (
	buildPlaybook = "build.yaml"
	selectedTasks = "ingot_tasks" // the playbook's variable with the names of the selected tasks
)

// layer is a task with the digest of all that can change what it does. The tasks before it are not in it: who keeps layers chains them.
type layer struct {
	Task   string `json:"task"`
	Inputs string `json:"inputs"`
}

// layers returns the selected tasks in order; given are the variables that the profile gives to Ansible.
func (r *resolver) layers(given map[string]any) []layer {
	own, common := r.attribute(r.known(given))
	var layers []layer
	for _, t := range r.tasks {
		s := own[t.name]
		s.include(common)
		if s.dependsOnSelection() {
			s.values[selectedTasks] = r.taskNames()
		}
		layers = append(layers, layer{Task: t.name, Inputs: t.inputs(s)})
	}
	return layers
}

// inputs is the digest. Its text has digests only, so it may go to Packer's log, where two builds can be compared.
func (t *task) inputs(s *scope) string {
	files, variables := map[string]string{}, map[string]string{}
	for f := range s.files {
		files[f.path] = f.sha256
	}
	for name, value := range s.values {
		variables[name] = digest(marshal(value))
	}
	text := marshal(map[string]any{"argument_specs": digest(marshal(t.entry)), "files": files, "variables": variables})
	log.Printf("[DEBUG] ingot-profile: inputs of %s: %s", t.name, text)
	return "sha256:" + digest(text)
}

// known returns all variables that tasks can read: those of the profile take the place of defaults, those in vars/ are added.
func (r *resolver) known(given map[string]any) map[string]any {
	known := maps.Clone(r.values)
	maps.Copy(known, given)
	for name, values := range r.vars {
		known[name] = []any{known[name], values}
	}
	return known
}
