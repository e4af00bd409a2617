package strictyaml

import (
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Keys maps each key that a mapping may have to the function that reads its value.
type Keys map[string]func(path string, value *Node)

// Fields reads a mapping with a fixed set of keys; path is how messages name n ("" for the whole file).
// It returns false when n is no mapping.
func (f *File) Fields(n *Node, path string, known Keys, required ...string) bool {
	seen := map[string]bool{}
	isMapping := f.Each(n, path, func(path string, key, value *Node) {
		seen[key.Value] = true
		if read := known[key.Value]; read != nil {
			read(path, value)
			return
		}
		keys := slices.Sorted(maps.Keys(known))
		f.Problem(key, "%s: unknown key; known are %s%s", path, strings.Join(keys, ", "), DidYouMean(key.Value, keys))
	})
	for _, key := range required {
		if isMapping && !seen[key] {
			f.Problem(n, "%s: is required", join(path, key))
		}
	}
	return isMapping
}

// Each reads a mapping with keys of the user's choice, in file order. It returns false when n is no mapping.
func (f *File) Each(n *Node, path string, read func(path string, key, value *Node)) bool {
	if n.Kind != yaml.MappingNode {
		f.Problem(n, "%s: must be a mapping (key: value), got %s", orFile(path), describe(n))
		return false
	}
	for key, value := range pairs(n) {
		read(join(path, key.Value), key, value)
	}
	return true
}

// List returns the items of a list.
func (f *File) List(n *Node, path string) []*Node {
	if n.Kind != yaml.SequenceNode {
		f.Problem(n, "%s: must be a list ([a, b]), got %s", path, describe(n))
		return nil
	}
	return n.Content
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func orFile(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}
