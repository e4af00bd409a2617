package profile

import (
	"path"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// loadVars takes the files in vars/ apart. They are common to all tasks, but what a variable in them refers to is not: a variable of
// one task's options in them must not make every layer depend on it. A file that is not plain YAML stays in one piece.
func (r *resolver) loadVars() {
	for _, f := range r.files {
		if path.Dir(f.path) != "vars" {
			continue
		}
		parsed, vars := strictyaml.Parse(f.path, []byte(f.text)), map[string]any{}
		if parsed.Root == nil {
			continue
		}
		parsed.Each(parsed.Root, "", func(path string, key, value *strictyaml.Node) { vars[key.Value] = exact(parsed.Value(value, path)) })
		if parsed.Err() != nil {
			continue
		}
		f.text = "" // it is in the texts of the variables
		for name, value := range vars {
			r.vars[name] = append(r.vars[name], value)
		}
	}
}
