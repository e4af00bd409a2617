package strictyaml

import "gopkg.in/yaml.v3"

// check walks n and notes everything that a hand-written file must not contain.
func (f *File) check(n *Node, depth int) {
	switch {
	case depth > maxDepth:
		f.Problem(n, "nests deeper than %d levels", maxDepth)
		return
	case n.Kind == yaml.AliasNode:
		f.Problem(n, "alias *%s: aliases are not allowed; write the value out", n.Value)
		return
	case n.Anchor != "":
		f.Problem(n, "anchor &%s: anchors are not allowed; write the value where it is used", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		f.Problem(n, "tag %s: tags are not allowed", n.Tag)
	}
	if n.Kind == yaml.MappingNode {
		f.checkKeys(n)
	}
	for _, child := range n.Content {
		f.check(child, depth+1)
	}
}

// checkKeys notes keys that are not plain text or appear twice.
func (f *File) checkKeys(n *Node) {
	first := map[string]*Node{}
	for key := range pairs(n) {
		switch before := first[key.Value]; {
		case key.Kind == yaml.AliasNode: // check says so
		case key.Kind != yaml.ScalarNode:
			f.Problem(key, "a key must be text, got %s", describe(key))
		case key.Tag == "!!merge":
			f.Problem(key, "merge keys (<<) are not allowed; write the values out")
		case before != nil:
			f.Problem(key, "%s: appears twice, first on line %d", key.Value, before.Line)
		default:
			first[key.Value] = key
		}
	}
}
