package profile

import (
	"maps"
	"strings"
)

// scope is what one task file can read, or all of them: files, and variables by name.
type scope struct {
	files  map[*file]bool
	values map[string]any
	text   strings.Builder // of all of them
}

func newScope() *scope { return &scope{files: map[*file]bool{}, values: map[string]any{}} }

func (s *scope) addFile(f *file) {
	s.files[f] = true
	s.text.WriteString("\n" + f.text)
}

// addAll adds what is in files/ and templates/.
func (s *scope) addAll(candidates []*file) {
	for _, f := range candidates {
		if f.isAsset() && !s.files[f] {
			s.addFile(f)
		}
	}
}

func (s *scope) addValue(name string, value any) {
	s.values[name] = value
	s.text.WriteString("\n" + string(marshal(value)))
}

// grow adds the files and variables that the scope refers to, until they refer to nothing new.
func (s *scope) grow(files []*file, known map[string]any, refers func(text string, f *file) bool) {
	for before := -1; before != s.text.Len(); {
		before = s.text.Len()
		for _, f := range files {
			if !s.files[f] && refers(s.text.String(), f) {
				s.addFile(f)
			}
		}
		isAny := anyVariable.MatchString(s.text.String())
		for name, value := range known {
			if _, has := s.values[name]; !has && (isAny || mentions(s.text.String(), name)) {
				s.addValue(name, value)
			}
		}
	}
}

// addUnclaimed adds the files that nobody refers to: whoever uses them, nobody knows, so everybody.
func (s *scope) addUnclaimed(candidates []*file, proofs *scope, own map[string]*scope) {
	claimed := newScope()
	claimed.include(proofs)
	claimed.include(s)
	for _, of := range own {
		claimed.include(of)
	}
	for _, f := range candidates {
		if f.kind == named && !claimed.files[f] {
			s.addFile(f)
		}
	}
}

// include adds all of other without looking for what it refers to.
func (s *scope) include(other *scope) {
	maps.Copy(s.files, other.files)
	maps.Copy(s.values, other.values)
}

// dependsOnSelection tells whether something asks which tasks are selected. The playbook that applies them does not count.
func (s *scope) dependsOnSelection() bool {
	for f := range s.files {
		if f.path != buildPlaybook && mentions(f.text, selectedTasks) {
			return true
		}
	}
	return mentions(string(marshal(s.values)), selectedTasks)
}
