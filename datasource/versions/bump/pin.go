package bump

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// pin is one entry of versions.yaml.
type pin struct {
	section, name string
	versions.Pin
}

// String is how messages name it.
func (p pin) String() string { return p.section + "." + p.name }

// architectures are those that the pin has a download for, in order. They move together or not at all.
func (p pin) architectures() []string { return slices.Sorted(maps.Keys(p.Downloads)) }

// selectPins lists what -only leaves, images first, in the order of names.
func (b *bump) selectPins(pins versions.Pins) ([]pin, error) {
	var all []pin
	for _, name := range slices.Sorted(maps.Keys(pins.Images)) {
		all = append(all, pin{"images", name, pins.Images[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(pins.Tools)) {
		all = append(all, pin{"tools", name, pins.Tools[name]})
	}
	var names []string
	for _, p := range all {
		names = append(names, p.name)
	}
	for _, name := range b.only {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("-only: unknown name %q; %s has %s%s", name, b.file, strings.Join(names, ", "), strictyaml.DidYouMean(name, names))
		}
	}
	return slices.DeleteFunc(all, func(p pin) bool { return len(b.only) > 0 && !slices.Contains(b.only, p.name) }), nil
}

// renamed is text, a URL or a file's name, of the pinned version as it would be for another one.
func (p pin) renamed(text, version string) string {
	// A version that is part of a longer number is another thing: 1.1 in 1.1.4 or in 21.1.
	own := regexp.MustCompile(`(^|[^0-9.]|[^0-9]\.)` + regexp.QuoteMeta(p.Version) + `($|[^0-9])`)
	for at := 0; ; {
		match := own.FindStringSubmatchIndex(text[at:])
		if match == nil {
			return text
		}
		start, end := at+match[3], at+match[4]
		if strings.HasPrefix(text[end:], ".") && len(text) > end+1 && text[end+1] >= '0' && text[end+1] <= '9' {
			at = end
			continue
		}
		text = text[:start] + version + text[end:]
		at = start + len(version)
	}
}

// fileName is the name of the pinned download's file, as it would be for another version.
func (p pin) fileName(architecture, version string) string {
	u, err := url.Parse(p.Downloads[architecture].URL)
	if err != nil {
		return "" // Parse accepts no such URL
	}
	return p.renamed(path.Base(u.Path), version)
}
