package libvirt

import (
	"cmp"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// layerList is the tree while it is written.
type layerList struct {
	table table.Writer
	below map[string][]layer // by the parent's digest; "" has the roots
	total int64              // bytes
}

func newLayerList(out io.Writer, layers map[string]layer) *layerList {
	writer := table.NewWriter()
	writer.SetOutputMirror(out)
	writer.SetStyle(table.StyleLight)
	right := func(column int) table.ColumnConfig { return table.ColumnConfig{Number: column, Align: text.AlignRight} }
	writer.SetColumnConfigs([]table.ColumnConfig{right(3), right(4), right(5), right(6)})
	writer.AppendHeader(table.Row{"layer", "profile", "MiB", "age", "used", "hits", "digest"})
	below := map[string][]layer{}
	for _, l := range layers {
		parent := l.Parent
		if _, found := layers[parent]; !found || circular(layers, l) {
			parent = ""
		}
		below[parent] = append(below[parent], l)
	}
	for _, children := range below {
		slices.SortFunc(children, func(a, b layer) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Digest, b.Digest)) })
	}
	return &layerList{table: writer, below: below}
}

// circular reports whether the way down from a layer comes back to it.
func circular(layers map[string]layer, l layer) bool {
	seen := map[string]bool{}
	for at := l.Parent; at != "" && !seen[at]; at = layers[at].Parent {
		if at == l.Digest {
			return true
		}
		seen[at] = true
	}
	return false
}

// append adds a layer and all that is on it; branch and trunk are the lines drawn before it and before what is on it.
func (t *layerList) append(l layer, branch, trunk string) {
	t.total += l.Size
	t.table.AppendRow(table.Row{branch + l.title(), l.Profile, l.Size >> 20, ageOf(l.Created), ageOf(l.LastUsed), l.Hits, short(l.Digest)})
	children := t.below[l.Digest]
	for i, child := range children {
		if i < len(children)-1 {
			t.append(child, trunk+"├─ ", trunk+"│  ")
		} else {
			t.append(child, trunk+"└─ ", trunk+"   ")
		}
	}
}

// title is what the layer is, in one word or two.
func (l layer) title() string {
	if l.isImage() {
		return "image"
	}
	return cmp.Or(l.Task, "source image")
}
