package strictyaml

import (
	"iter"
	"regexp"

	"gopkg.in/yaml.v3"
)

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// oldBool are the words that Ansible takes for booleans, and YAML itself no more.
var oldBool = regexp.MustCompile(`(?i)^(yes|no|on|off)$`)

// NameRule is the rule that [IsName] holds names to, in words for an error message.
const NameRule = "must match ^[a-z][a-z0-9-]*$"

// IsName tells whether name may be the name of a spec or a task: such a name cannot leave a folder.
func IsName(name string) bool { return namePattern.MatchString(name) }

// String returns a text value as it is written, so 1.10 stays "1.10".
func (f *File) String(n *Node, path string) string {
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!bool" || isNull(n) {
		f.Problem(n, "%s: must be text, got %s", path, describe(n))
		return ""
	}
	return n.Value
}

// Name returns a text value that [IsName] accepts.
func (f *File) Name(n *Node, path string) string {
	name := f.String(n, path)
	if name != "" && !IsName(name) {
		f.Problem(n, "%s: %s, got %q", path, NameRule, name)
		return ""
	}
	return name
}

// Value returns n as the plain data that JSON has, with maps keyed by text.
func (f *File) Value(n *Node, path string) any {
	var v any
	switch {
	case n.Style == 0 && oldBool.MatchString(n.Value):
		f.Problem(n, "%s: write true or false, or quote it: %s is not the same to everyone who reads YAML", path, n.Value)
		return nil
	case n.Tag == "!!timestamp":
		return n.Value // a date is text to Ansible
	case n.Tag == "!!float" && !finite(n):
		f.Problem(n, "%s: must be a number that JSON has, got %s", path, n.Value)
		return nil
	case n.Kind == yaml.MappingNode:
		object := map[string]any{}
		for key, value := range pairs(n) {
			object[key.Value] = f.Value(value, path+"."+key.Value)
		}
		return object
	case n.Kind == yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = f.Value(item, path)
		}
		return list
	}
	if err := n.Decode(&v); err != nil {
		f.Problem(n, "%s: %v", path, err)
	}
	return v
}

// pairs yields the keys and values of a mapping in file order.
func pairs(n *Node) iter.Seq2[*Node, *Node] {
	return func(yield func(key, value *Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}
