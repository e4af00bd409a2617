package versions

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// downloads gives the pins that there are for arch, in the form that HCL gets.
func downloads(pins map[string]Pin, arch string) map[string]map[string]string {
	out := map[string]map[string]string{}
	for name, pin := range pins {
		if d, ok := pin.Downloads[arch]; ok {
			out[name] = map[string]string{"version": pin.Version, "url": d.URL, "checksum": d.Checksum}
		}
	}
	return out
}

// tools gives every tool, in the form of downloads. One without a download for arch has only "missing": why.
func (p Pins) tools(arch string) map[string]map[string]string {
	out := downloads(p.Tools, arch)
	for name, pin := range p.Tools {
		if out[name] == nil {
			out[name] = map[string]string{"missing": pin.missing(arch)}
		}
	}
	return out
}

// missing says that there is no download for arch, and for which there is.
func (p Pin) missing(arch string) string {
	return fmt.Sprintf("%s: has no %s download, only %s", p.at, arch, listed(p.Downloads))
}

// image returns one base image, or an error that says which ones there are.
func (p Pins) image(name, arch string) (map[string]string, error) {
	if pin, ok := p.Images[name]; ok && pin.Downloads[arch] == (Download{}) {
		return nil, fmt.Errorf("image: %s", pin.missing(arch))
	}
	available := downloads(p.Images, arch)
	if image, ok := available[name]; ok {
		return image, nil
	}
	return nil, fmt.Errorf("image: unknown name %q; %s has %s for %s%s", name, p.path, listed(available), arch,
		strictyaml.DidYouMean(name, slices.Sorted(maps.Keys(available))))
}

// Overdue returns one sentence for each pin whose review_by is before the day of now.
func (p Pins) Overdue(now time.Time) []string {
	overdue := []string{}
	for _, section := range []map[string]Pin{p.Images, p.Tools} {
		for _, name := range slices.Sorted(maps.Keys(section)) {
			pin := section[name]
			if !pin.ReviewBy.IsZero() && now.After(pin.ReviewBy.AddDate(0, 0, 1)) {
				overdue = append(overdue, fmt.Sprintf("%s: review_by %s is past: look for a release newer than %s, then set a new date%s",
					pin.at, pin.ReviewBy.Format(time.DateOnly), pin.Version, because(pin.reason)))
			}
		}
	}
	return overdue
}

// because is the end of a sentence that says why somebody has to look at the pin.
func because(reason string) string {
	if reason == "" {
		return ""
	}
	return "; its reason: " + reason
}

func listed[V any](m map[string]V) string {
	if len(m) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}
