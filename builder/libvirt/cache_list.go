package libvirt

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// listCommand prints the layers as a tree, each below the one that it stands on, with the images as leaves.
func listCommand(args []string, out io.Writer) error {
	flags := newCacheFlags("list", out)
	if help, err := flags.parse(args); help || err != nil {
		return err
	}
	store := flags.store()
	layers, broken, err := store.all()
	if err != nil {
		return err
	}
	list := newLayerList(out, layers)
	for _, root := range list.below[""] {
		list.append(root, "", "")
	}
	for _, digest := range slices.Sorted(maps.Keys(broken)) {
		list.table.AppendRow(table.Row{"broken", "", "", "", "", "", short(digest)})
	}
	list.table.AppendSeparator()
	list.table.AppendRow(table.Row{"total", "", list.total >> 20})
	if other := store.unnamed(layers); other > 0 {
		list.table.AppendRow(table.Row{"running or dead builds", "", other >> 20})
	}
	if downloads := downloadsOf(*flags.cache); len(downloads) > 0 {
		list.table.AppendRow(table.Row{"downloads", "", total(downloads) >> 20})
	}
	list.table.Render()
	return nil
}

func total(downloads []cachedDownload) (size int64) {
	for _, d := range downloads {
		size += d.size
	}
	return size
}

// unnamed is the size, in bytes, of the data files that no layer names.
func (s layerStore) unnamed(layers map[string]layer) (size int64) {
	for _, name := range s.dataFiles() {
		if layers[dataPattern.FindStringSubmatch(name)[1]].File != name {
			size += sizeOf(s.path(name))
		}
	}
	return size
}

func mebibytes(size int64) string { return fmt.Sprintf("%d MiB", size>>20) }

// ageOf is how long ago something was, in its largest unit.
func ageOf(then time.Time) string {
	switch age := time.Since(then); {
	case age < time.Hour:
		return fmt.Sprintf("%dm", int(age.Minutes()))
	case age < 48*time.Hour:
		return fmt.Sprintf("%dh", int(age.Hours()))
	default:
		return fmt.Sprintf("%dd", int(age.Hours()/24))
	}
}
