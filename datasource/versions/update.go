package versions

import (
	"maps"
	"slices"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// Update is how the next release of a pin is found.
type Update struct {
	// Type is a key of updateTypes.
	Type string
	// Settings are the type's own settings, all required.
	Settings map[string]string
}

// updateTypes lists every way to find the next release, with its settings.
var updateTypes = map[string][]string{
	"debian-cloud":   {"codename"},   // cloud.debian.org/images/cloud/<codename>, SHA512SUMS in the dated folder
	"ubuntu-cloud":   {"release"},    // cloud-images.ubuntu.com/releases/<release>, SHA256SUMS in the dated folder
	"github-release": {"repository"}, // the newest release that is neither draft nor pre-release; digest of the asset
	"go-release":     {},             // go.dev/dl/?mode=json names version and sha256
	"rust-release":   {},             // static.rust-lang.org's stable channel; <url>.sha256
	// The two apt types have the words of sources.list(5): Packages below <repository>/dists/<suite>/<component>, or in the
	// repository's own folder (flat), names version and SHA256; the signed Release names the index's.
	"apt-package":      {"component", "package", "repository", "suite"},
	"apt-flat-package": {"package", "repository"},
}

// update reads {type: github-release, repository: owner/name}: the type decides which other keys there are.
func (p *parser) update(path string, n *strictyaml.Node) Update {
	settings := map[string]string{}
	if !p.Each(n, path, func(path string, key, value *strictyaml.Node) { settings[key.Value] = p.String(value, path) }) {
		return Update{}
	}
	typ := settings["type"]
	delete(settings, "type")
	wanted, known := updateTypes[typ]
	switch got := slices.Sorted(maps.Keys(settings)); {
	case !known:
		types := slices.Sorted(maps.Keys(updateTypes))
		p.Problem(n, "%s.type: must be one of %s, got %q%s", path, strings.Join(types, ", "), typ, strictyaml.DidYouMean(typ, types))
	case !slices.Equal(got, wanted):
		p.Problem(n, "%s: type %s takes the settings %v, got %v", path, typ, wanted, got)
	}
	return Update{Type: typ, Settings: settings}
}
