package profile

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// spec is one file in specs/.
type spec struct {
	file        *strictyaml.File
	name        string
	description string
	sha256      string
	includes    []item
	tasks       []item
	vars        map[string]variable
}

// item is a name in a list of a spec, with its place.
type item struct {
	name string
	node *strictyaml.Node
}

// variable is a value with the place that sets it.
type variable struct {
	value any
	file  *strictyaml.File
	node  *strictyaml.Node
}

// String returns the value as JSON: two variables agree when their texts are equal.
func (v variable) String() string { return string(marshal(v.value)) }

// parseSpec reads the file's own content; problems stay in its file.
func parseSpec(name, path string, data []byte) *spec {
	s := &spec{file: strictyaml.Parse(path, data), name: name, sha256: digest(data), vars: map[string]variable{}}
	if s.file.Root == nil {
		return s
	}
	s.file.Fields(s.file.Root, "", strictyaml.Keys{
		"includes": func(path string, n *strictyaml.Node) { s.includes = s.names(path, n) },
		"tasks":    func(path string, n *strictyaml.Node) { s.tasks = s.names(path, n) },
		"vars": func(path string, n *strictyaml.Node) {
			s.file.Each(n, path, func(path string, key, value *strictyaml.Node) {
				s.vars[key.Value] = variable{value: s.file.Value(value, path), file: s.file, node: key}
			})
		},
	})
	if s.description = firstComment(data); s.description == "" {
		s.file.Problem(&strictyaml.Node{Line: 1}, "must start with a comment that says in one line what the image is for")
	}
	return s
}

// names reads a list of names that are each given once.
func (s *spec) names(path string, n *strictyaml.Node) []item {
	var items []item
	seen := map[string]bool{}
	for _, node := range s.file.List(n, path) {
		name := s.file.Name(node, path)
		if seen[name] {
			s.file.Problem(node, "%s: %s is listed twice", path, name)
		} else if name != "" {
			items = append(items, item{name: name, node: node})
		}
		seen[name] = name != ""
	}
	return items
}

// firstComment returns the comment that a file starts with; only blank lines and --- may come before it.
func firstComment(data []byte) string {
	for line := range strings.Lines(string(data)) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "#"):
			return strings.Trim(line, "# ")
		case line != "" && line != "---":
			return ""
		}
	}
	return ""
}

// marshal returns v as JSON with sorted keys and nothing escaped that need not be.
func marshal(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // everything that is marshalled here was read from YAML or JSON
	}
	return bytes.TrimSpace(out.Bytes())
}
