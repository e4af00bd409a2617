package profile

import (
	"errors"
	"io/fs"
	"strconv"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// defaultValues is Ansible's own file: the values of options that no spec sets.
const defaultValues = "defaults/main.yaml"

// loadDefaults reads them for the layers only: Ansible takes them from the file itself.
func (r *resolver) loadDefaults() {
	data, err := r.folder.read(defaultValues)
	if errors.Is(err, fs.ErrNotExist) {
		return
	} else if err != nil {
		r.errs = append(r.errs, err)
		return
	}
	r.defaults = strictyaml.Parse(r.folder.show(defaultValues), data)
	if r.defaults.Root == nil {
		return
	}
	r.defaults.Each(r.defaults.Root, "", func(path string, key, value *strictyaml.Node) {
		r.values[key.Value] = exact(r.defaults.Value(value, path))
	})
}

// exact keeps 1.0 apart from 1: JSON writes them alike, and Ansible renders what its own files say. (Variables of specs reach it as JSON.)
func exact(value any) any {
	switch v := value.(type) {
	case float64:
		return map[string]any{"float": strconv.FormatFloat(v, 'g', -1, 64)}
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = exact(v[key])
		}
	}
	return value
}
