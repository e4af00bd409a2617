package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// sealing is the task that ends every image.
const sealing = "harden"

// closing are the tasks that come after all others, in this order, wherever specs name them: what they set up is for the finished
// image. So the layers of expensive tasks do not depend on them.
var closing = []string{"read-only-root", sealing}

// resolver follows one spec through the folder. Problems gather in the files that have them, other errors in errs.
type resolver struct {
	folder    *folder
	specs     map[string]*spec
	order     []*spec // includes before the specs that include them
	tasks     []*task
	arguments *strictyaml.File // meta/argument_specs.yml
	entries   map[string]*strictyaml.Node
	defaults  *strictyaml.File // defaults/main.yaml
	values    map[string]any   // in defaults
	files     []*file
	vars      map[string][]any // in the files in vars/, by variable
	pins      map[string]pin   // by variable
	declares  []*strictyaml.File
	errs      []error

	distributions, additions map[string]declaration // what images may have: by distribution, by selected task
}

// resolve reads everything first and reports all of its problems; only a sound tree is composed.
func resolve(c Config) (DatasourceOutput, error) {
	pins, err := parsePins(c.Pins)
	if err != nil {
		return DatasourceOutput{}, err
	}
	folder, err := openFolder(c.AnsibleDirectory)
	if err != nil {
		return DatasourceOutput{}, err
	}
	defer folder.root.Close()
	r := &resolver{folder: folder, specs: map[string]*spec{}, pins: pins}
	r.entries, r.values, r.vars = map[string]*strictyaml.Node{}, map[string]any{}, map[string][]any{}
	if err := r.load(c.Spec, nil); err != nil {
		return DatasourceOutput{}, fmt.Errorf("spec: %w", err)
	}
	r.loadTasks()
	r.loadDefaults()
	r.loadDeclared()
	r.loadFiles()
	r.loadVars()
	if err := r.err(); err != nil {
		return DatasourceOutput{}, err
	}
	variables, used := r.compose(r.specs[c.Spec])
	if err := r.err(); err != nil {
		return DatasourceOutput{}, err
	}
	return r.output(r.specs[c.Spec], variables, used), nil
}

// load reads the spec called name and all that it includes, each file once. chain is the way that led here.
func (r *resolver) load(name string, chain []string) error {
	if r.specs[name] != nil {
		return nil
	}
	data, err := r.folder.readNamed("specs", name)
	if err != nil {
		return err
	}
	s := parseSpec(name, r.folder.show("specs/"+name+".yaml"), data)
	r.specs[name] = s
	chain = append(slices.Clone(chain), name)
	for _, include := range s.includes {
		if start := slices.Index(chain, include.name); start >= 0 {
			circle := append(slices.Clone(chain[start:]), include.name)
			s.file.Problem(include.node, "includes: specs include each other in a circle: %s", strings.Join(circle, " -> "))
		} else if err := r.load(include.name, chain); err != nil {
			s.file.Problem(include.node, "includes: %v", err)
		}
	}
	r.order = append(r.order, s)
	return nil
}

// err joins what was found so far, file by file.
func (r *resolver) err() error {
	errs := slices.Clone(r.errs)
	for _, s := range r.order {
		errs = append(errs, s.file.Err())
	}
	for _, f := range append([]*strictyaml.File{r.arguments, r.defaults}, r.declares...) {
		if f != nil {
			errs = append(errs, f.Err())
		}
	}
	return errors.Join(errs...)
}
