package versions

import (
	"cmp"
	"regexp"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// architectures are the ones that images are built for, by Go's and Debian's common name.
var architectures = []string{"amd64", "arm64"}

// A distribution's version may be part of an image's name; a tool's name becomes part of a variable's.
var (
	imageName = regexp.MustCompile(`^[a-z][a-z0-9]*([.-][a-z0-9]+)*$`)
	toolName  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

// parser reads one versions.yaml; it remembers where each checksum was seen first.
type parser struct {
	*strictyaml.File
	checksums map[string]string
}

// Parse reads the content of versions.yaml; path is how errors name it. Its error joins every problem, each with its line.
func Parse(path string, data []byte) (Pins, error) {
	p := &parser{File: strictyaml.Parse(path, data), checksums: map[string]string{}}
	pins := Pins{Images: map[string]Pin{}, Tools: map[string]Pin{}, path: path}
	if p.Root != nil {
		p.Fields(p.Root, "", strictyaml.Keys{
			"images": p.section(pins.Images, imageName), "tools": p.section(pins.Tools, toolName),
		}, "images")
	}
	if err := p.Err(); err != nil {
		return Pins{}, err
	}
	return pins, nil
}

// section reads the pins of one section into pins.
func (p *parser) section(pins map[string]Pin, name *regexp.Regexp) func(string, *strictyaml.Node) {
	return func(path string, n *strictyaml.Node) {
		p.Each(n, path, func(path string, key, value *strictyaml.Node) {
			if !name.MatchString(key.Value) {
				p.Problem(key, "%s: name must match %s", path, name)
			}
			pins[key.Value] = p.pin(path, key, value)
		})
	}
}

func (p *parser) pin(path string, key, n *strictyaml.Node) Pin {
	pin := Pin{Downloads: map[string]Download{}, at: p.At(key) + ": " + path, reason: comment(key.HeadComment)}
	keys := strictyaml.Keys{
		"version": func(path string, n *strictyaml.Node) { pin.Version = p.version(path, n) },
		"update":  func(path string, n *strictyaml.Node) { pin.Update = p.update(path, n) },
		"review_by": func(path string, n *strictyaml.Node) {
			pin.ReviewBy = p.date(path, n)
			pin.reason = cmp.Or(comment(n.LineComment), pin.reason)
		},
	}
	// Downloads are read last: their rules need the version, wherever in the mapping it is written.
	var downloads []func()
	for _, arch := range architectures {
		keys[arch] = func(path string, n *strictyaml.Node) {
			downloads = append(downloads, func() { pin.Downloads[arch] = p.download(path, n, pin.Version) })
		}
	}
	isMapping := p.Fields(n, path, keys, "version", "update")
	for _, read := range downloads {
		read()
	}
	if isMapping && len(downloads) == 0 {
		p.Problem(key, "%s: must have a download for at least one of %v", path, architectures)
	}
	return pin
}
