package bump

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/go-version"
	debian "pault.ag/go/debian/version"
)

// order is how a publisher's versions are compared.
type order interface {
	// compare is negative when a is older than b.
	compare(a, b string) (int, error)
	// isPreRelease tells whether v says so itself.
	isPreRelease(v string) bool
}

// orderOf: packages have Debian's order, and so have images, whose versions are dates with a build's number.
func orderOf(updateType string) order {
	switch updateType {
	case "apt-package", "apt-flat-package", "debian-cloud", "ubuntu-cloud":
		return debianOrder{}
	}
	return semanticOrder{}
}

type semanticOrder struct{}

func (semanticOrder) compare(a, b string) (int, error) {
	first, err := version.NewVersion(a)
	if err != nil {
		return 0, fmt.Errorf("%q is no version", a)
	}
	second, err := version.NewVersion(b)
	if err != nil {
		return 0, fmt.Errorf("%q is no version", b)
	}
	return first.Compare(second), nil
}

func (semanticOrder) isPreRelease(v string) bool {
	parsed, err := version.NewVersion(v)
	return err == nil && parsed.Prerelease() != ""
}

type debianOrder struct{}

func (debianOrder) compare(a, b string) (int, error) {
	first, err := debian.Parse(a)
	if err != nil {
		return 0, fmt.Errorf("%q is no version", a)
	}
	second, err := debian.Parse(b)
	if err != nil {
		return 0, fmt.Errorf("%q is no version", b)
	}
	return debian.Compare(first, second), nil
}

// Debian's tilde sorts before everything; with one of these words it is what others call a pre-release.
var debianPreRelease = regexp.MustCompile(`(?i)[~.+-](alpha|beta|rc|pre|dev|git)`)

func (debianOrder) isPreRelease(v string) bool { return debianPreRelease.MatchString(v) }
