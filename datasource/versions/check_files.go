package versions

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// pinnedFile is one file that versions.yaml pins, and once it is checked, what came of it.
type pinnedFile struct {
	kind, name, architecture, version string
	Download
	size int64 // in bytes
	err  error // nil: it is the file that was pinned
}

// String is how progress and errors name the file.
func (f pinnedFile) String() string { return f.kind + " " + f.name + " " + f.architecture }

func (f pinnedFile) result() string {
	if f.err == nil {
		return "ok"
	}
	return f.err.Error()
}

// selectFiles lists what -only and -architecture leave, images first, in the order of names.
func (c *check) selectFiles(pins Pins) ([]pinnedFile, error) {
	files := append(filesOf("image", pins.Images), filesOf("tool", pins.Tools)...)
	names := map[string]bool{}
	for _, f := range files {
		names[f.name] = true
	}
	var errs []error
	for _, name := range c.only {
		if !names[name] {
			errs = append(errs, fmt.Errorf("-only: unknown name %q; %s has %s%s", name, c.file, listed(names),
				strictyaml.DidYouMean(name, slices.Sorted(maps.Keys(names)))))
		}
	}
	files = slices.DeleteFunc(files, func(f pinnedFile) bool {
		return c.architecture != "" && f.architecture != c.architecture || len(c.only) > 0 && !slices.Contains(c.only, f.name)
	})
	if len(names) == 0 {
		errs = append(errs, fmt.Errorf("%s: pins nothing, so there is nothing to check", c.file))
	} else if len(errs) == 0 && len(files) == 0 {
		errs = append(errs, fmt.Errorf("-architecture: %s has no %s download of %s", c.file, c.architecture, strings.Join(c.only, ", ")))
	}
	return files, errors.Join(errs...)
}

func filesOf(kind string, section map[string]Pin) []pinnedFile {
	var files []pinnedFile
	for _, name := range slices.Sorted(maps.Keys(section)) {
		pin := section[name]
		for _, arch := range slices.Sorted(maps.Keys(pin.Downloads)) {
			files = append(files, pinnedFile{kind: kind, name: name, architecture: arch, version: pin.Version, Download: pin.Downloads[arch]})
		}
	}
	return files
}

// render is the table of all files.
func render(files []pinnedFile) string {
	writer := table.NewWriter()
	writer.SetStyle(table.StyleLight)
	writer.SetColumnConfigs([]table.ColumnConfig{{Number: 5, Align: text.AlignRight}})
	writer.AppendHeader(table.Row{"kind", "name", "architecture", "version", "bytes", "result"})
	for _, f := range files {
		writer.AppendRow(table.Row{f.kind, f.name, f.architecture, f.version, f.size, f.result()})
	}
	return writer.Render()
}
