package profile

import (
	"maps"
	"slices"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// compose merges the variables of all specs, holds them against the options of the tasks, and picks the pins that are used.
func (r *resolver) compose(top *spec) (map[string]variable, map[string]pin) {
	variables := r.merge(top, map[*spec]map[string]variable{})
	options := map[string]option{}
	for _, t := range r.tasks {
		maps.Copy(options, t.options)
	}
	r.checkKnown(variables, slices.Sorted(maps.Keys(options)))
	used := map[string]pin{}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		_, set := variables[name]
		if strings.HasPrefix(name, pinPrefix) {
			r.use(name, options[name], used)
		} else if options[name].required && !set {
			r.arguments.Problem(options[name].node, "%s: is required, but no spec sets it; add it to vars in %s", name, top.file.Path)
		}
	}
	return variables, used
}

// merge returns what s and its includes set; done keeps the answer for specs that are included more than once.
func (r *resolver) merge(s *spec, done map[*spec]map[string]variable) map[string]variable {
	if merged, ok := done[s]; ok {
		return merged
	}
	merged := map[string]variable{}
	for _, include := range s.includes {
		theirs := r.merge(r.specs[include.name], done)
		for _, name := range slices.Sorted(maps.Keys(theirs)) {
			before, both := merged[name]
			_, decided := s.vars[name]
			if now := theirs[name]; both && !decided && before.String() != now.String() {
				s.file.Problem(include.node, "includes: they disagree on %s: %s in %s, %s in %s; set it in vars here to decide",
					name, before, before.file.At(before.node), now, now.file.At(now.node))
			}
			merged[name] = theirs[name]
		}
	}
	maps.Copy(merged, s.vars)
	done[s] = merged
	return merged
}

// checkKnown notes variables that no selected task takes.
func (r *resolver) checkKnown(variables map[string]variable, known []string) {
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		v := variables[name]
		if strings.HasPrefix(name, pinPrefix) {
			v.file.Problem(v.node, "vars.%s: pins are not set in a spec; change %s in versions.yaml", name, pinName(name))
		} else if !slices.Contains(known, name) {
			v.file.Problem(v.node, "vars.%s: no task of this profile takes it (they are in %s)%s",
				name, r.arguments.Path, strictyaml.DidYouMean(name, known))
		}
	}
}

// use takes the pin that an option asks for.
func (r *resolver) use(name string, o option, used map[string]pin) {
	p, ok := r.pins[name]
	if !ok {
		var names []string
		for variable := range r.pins {
			names = append(names, pinName(variable))
		}
		slices.Sort(names)
		r.arguments.Problem(o.node, "%s: there is no pin %s; add it to tools in versions.yaml, "+
			"and pass pins = jsonencode(data.ingot-versions.NAME.pins)%s",
			name, pinName(name), strictyaml.DidYouMean(pinName(name), names))
		return
	}
	if p.Missing != "" {
		r.arguments.Problem(o.node, "%s: %s; add that download to versions.yaml, or leave out the task", name, p.Missing)
	}
	used[name] = p
}
