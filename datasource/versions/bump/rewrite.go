package bump

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// edit replaces one scalar of the file.
type edit struct {
	node *strictyaml.Node
	to   string
}

// rewrite returns text with the updates: the bytes of versions, URLs and checksums are replaced, and no others. What comes out is read
// again, and must be what went in but for the updates.
func rewrite(path string, text []byte, updates []result) ([]byte, error) {
	before, err := versions.Parse(path, text)
	if err != nil {
		return nil, err
	}
	root := strictyaml.Parse(path, text).Root
	var edits []edit
	for _, r := range updates {
		node := child(child(root, r.section), r.name)
		edits = append(edits, edit{child(node, "version"), r.version})
		for _, arch := range r.architectures() {
			download := child(node, arch)
			edits = append(edits, edit{child(download, "url"), r.files[arch].URL}, edit{child(download, "checksum"), r.files[arch].Checksum})
		}
	}
	after, err := replace(text, edits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	read, err := versions.Parse(path, after)
	if err != nil {
		return nil, fmt.Errorf("what publishers say makes no good %s: %w", path, err)
	}
	if wanted := expected(before, updates); wanted.Digest() != read.Digest() || !reflect.DeepEqual(updatesOf(before), updatesOf(read)) {
		return nil, fmt.Errorf("%s: would change more than the updates; write its values in plain style", path)
	}
	return after, nil
}

// replace makes the edits, the last ones first, so that the places of the others stay true.
func replace(text []byte, edits []edit) ([]byte, error) {
	lines := strings.SplitAfter(string(text), "\n")
	slices.SortFunc(edits, func(a, b edit) int { return b.node.Column - a.node.Column })
	for _, e := range edits {
		line := []rune(lines[e.node.Line-1])
		start := e.node.Column - 1
		if start < len(line) && (line[start] == '"' || line[start] == '\'') {
			start++
		}
		end := start + len([]rune(e.node.Value))
		if end > len(line) || string(line[start:end]) != e.node.Value {
			return nil, fmt.Errorf("line %d: %q is not written as it is: write it in plain style", e.node.Line, e.node.Value)
		}
		lines[e.node.Line-1] = string(line[:start]) + e.to + string(line[end:])
	}
	return []byte(strings.Join(lines, "")), nil
}

// expected is before with the updates.
func expected(before versions.Pins, updates []result) versions.Pins {
	after := versions.Pins{Images: maps.Clone(before.Images), Tools: maps.Clone(before.Tools)}
	for _, r := range updates {
		section := after.Tools
		if r.section == "images" {
			section = after.Images
		}
		pin := section[r.name]
		pin.Version, pin.Downloads = r.version, map[string]versions.Download{}
		for arch, f := range r.files {
			pin.Downloads[arch] = f.Download
		}
		section[r.name] = pin
	}
	return after
}

// updatesOf is what the digest does not cover: how updates are found, and when pins are due for review.
func updatesOf(pins versions.Pins) map[string]any {
	all := map[string]any{}
	for section, pins := range map[string]map[string]versions.Pin{"images": pins.Images, "tools": pins.Tools} {
		for name, p := range pins {
			all[section+"."+name] = []any{p.Update, p.ReviewBy}
		}
	}
	return all
}

// child is the value of a key that Parse has found.
func child(mapping *strictyaml.Node, key string) *strictyaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return &strictyaml.Node{Line: 1, Column: 1, Value: key}
}
