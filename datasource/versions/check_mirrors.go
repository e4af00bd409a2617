package versions

import (
	"fmt"
	"net/url"
	"strings"
)

// Mirrors maps the host of a URL to what takes the place of its scheme and host. The checksum makes plain http harmless.
type Mirrors map[string]*url.URL

// Add reads host=url.
func (m Mirrors) Add(text string) error {
	host, base, _ := strings.Cut(text, "=")
	u, err := url.Parse(base)
	if host == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("must be host=url, such as github.com=http://127.0.0.1:8080/github.com")
	}
	m[host] = u
	return nil
}

// Location is where a URL of a publisher is fetched, and whether that is a mirror.
func (m Mirrors) Location(pinned string) (location string, mirrored bool) {
	u, err := url.Parse(pinned)
	if err != nil {
		return pinned, false // Load accepts no such URL
	}
	if base, ok := m[u.Host]; ok {
		there := base.JoinPath(u.EscapedPath())
		there.RawQuery = u.RawQuery
		return there.String(), true
	}
	return pinned, false
}
