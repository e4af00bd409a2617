package versions

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// Update is how the next release of a pin is found.
type Update struct {
	// Type is a key of updateTypes.
	Type string
	// Settings are the type's own settings, all required, and of [optionalSettings] those that the pin has.
	Settings map[string]string
}

// Allows tells whether the pin's optional setting name is there: `pre_releases` or `downgrades`.
func (u Update) Allows(name string) bool { return u.Settings[name] == "allowed" }

// UpdateTypes are the values that an update's type may have, in order.
func UpdateTypes() []string { return slices.Sorted(maps.Keys(updateTypes)) }

// What a setting may be.
var (
	word      = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*$`)
	ownerName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)
	aptURL    = regexp.MustCompile(`^https://[a-z0-9.-]+(/[A-Za-z0-9.$()_-]+)*$`)
	keyURL    = regexp.MustCompile(`^https://[a-z0-9.-]+(/[A-Za-z0-9._-]+)+$`)
	signer    = regexp.MustCompile(`^[0-9A-F]{40}$`) // the fingerprint of an OpenPGP key of version 4
)

// optionalSettings every type takes. `downgrades` lets a pin follow a publisher who has withdrawn its version.
var optionalSettings = map[string]*regexp.Regexp{
	"pre_releases": regexp.MustCompile(`^allowed$`), "downgrades": regexp.MustCompile(`^allowed$`),
}

// updateTypes lists every way to find the next release, with its settings and what each may be.
var updateTypes = map[string]map[string]*regexp.Regexp{
	"debian-cloud":   {"codename": word},        // cloud.debian.org/images/cloud/<codename>, SHA512SUMS in the dated folder
	"ubuntu-cloud":   {"release": word},         // cloud-images.ubuntu.com/releases/<release>, SHA256SUMS in the dated folder
	"github-release": {"repository": ownerName}, // the newest release that is neither draft nor pre-release; digest of the asset
	"github-tag":     {"repository": ownerName}, // for those who publish no releases: the file is downloaded for its checksum
	"go-release":     {},                        // go.dev/dl/?mode=json names version and sha256
	"rust-release":   {},                        // static.rust-lang.org's stable channel; <url>.sha256
	// The words of sources.list(5): the index <repository>/dists/<suite>/<component>/binary-<architecture>/Packages, or Packages
	// in a flat repository's own folder, names version and SHA256; Release, signed by the key with that fingerprint, names the index's.
	"apt-package":      {"component": word, "key": keyURL, "package": word, "repository": aptURL, "signed_by": signer, "suite": word},
	"apt-flat-package": {"key": keyURL, "package": word, "repository": aptURL, "signed_by": signer},
	// releases.hashicorp.com/<product>/index.json; the signed SHA256SUMS
	"hashicorp-release": {"key": keyURL, "product": word, "signed_by": signer},
}

// update reads {type: github-release, repository: owner/name}: the type decides which other keys there are.
func (p *parser) update(path string, n *strictyaml.Node) Update {
	settings := map[string]string{}
	if !p.Each(n, path, func(path string, key, value *strictyaml.Node) { settings[key.Value] = p.String(value, path) }) {
		return Update{}
	}
	typ := settings["type"]
	delete(settings, "type")
	rules, known := updateTypes[typ]
	own := maps.Clone(settings)
	maps.DeleteFunc(own, func(name, _ string) bool { return optionalSettings[name] != nil })
	got, wanted := slices.Sorted(maps.Keys(own)), slices.Sorted(maps.Keys(rules))
	switch {
	case !known:
		types := UpdateTypes()
		p.Problem(n, "%s.type: must be one of %s, got %q%s", path, strings.Join(types, ", "), typ, strictyaml.DidYouMean(typ, types))
	case !slices.Equal(got, wanted):
		p.Problem(n, "%s: type %s takes the settings %v, got %v", path, typ, wanted, got)
	default:
		p.settings(path, n, settings, rules)
		p.settings(path, n, settings, optionalSettings)
	}
	return Update{Type: typ, Settings: settings}
}

// settings holds each value to its rule; an empty one is noted already.
func (p *parser) settings(path string, n *strictyaml.Node, settings map[string]string, rules map[string]*regexp.Regexp) {
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if value := settings[name]; value != "" && !rules[name].MatchString(value) {
			p.Problem(n, "%s.%s: must match %s, got %q", path, name, rules[name], value)
		}
	}
}
