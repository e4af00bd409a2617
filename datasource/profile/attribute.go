package profile

import (
	"maps"
	"slices"
)

// attribute returns what each task file reads, selected or not, and what is common to all of them.
func (r *resolver) attribute(known map[string]any) (own map[string]*scope, common *scope) {
	proofs, common := newScope(), newScope()
	var candidates []*file
	for _, f := range r.files {
		switch f.kind {
		case proof:
			proofs.addFile(f)
		case shared:
			common.addFile(f)
		default:
			candidates = append(candidates, f)
		}
	}
	r.addUnnamedDefaults(common)
	proofs.grow(candidates, nil, func(text string, f *file) bool { return f.isNamedIn(text) })
	refers := func(text string, f *file) bool { return f.isUsedIn(text, proofs.files[f]) }
	common.grow(candidates, known, refers)
	own = map[string]*scope{}
	for _, f := range candidates {
		if f.kind == taskFile {
			own[f.task()] = r.start(f, known)
			own[f.task()].grow(candidates, known, refers)
		}
	}
	common.addUnclaimed(candidates, proofs, own)
	common.grow(candidates, known, refers)
	for _, s := range append(slices.Collect(maps.Values(own)), common) {
		if anyFile.MatchString(s.text.String()) {
			s.addAll(candidates)
			s.grow(candidates, known, refers)
		}
	}
	return own, common
}

// start is a scope with the task file and the values of its options. It may compute the name of the folder that is called like it.
func (r *resolver) start(f *file, known map[string]any) *scope {
	s := newScope()
	s.text.WriteString(f.task() + "/{{ … }}")
	s.addFile(f)
	if entry := r.entries[f.task()]; entry != nil {
		for _, name := range optionNames(entry) {
			if value, has := known[name]; has {
				s.addValue(name, value)
			}
		}
	}
	return s
}

// addUnnamedDefaults adds those that are no option of any task.
func (r *resolver) addUnnamedDefaults(common *scope) {
	options := map[string]bool{}
	for _, entry := range r.entries {
		for _, name := range optionNames(entry) {
			options[name] = true
		}
	}
	for name, value := range r.values {
		if !options[name] {
			common.addValue(name, value)
		}
	}
}
