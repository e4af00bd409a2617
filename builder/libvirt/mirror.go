package libvirt

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// mirrored returns the URL to download from: with `mirrors`, scheme and host are replaced where the host is listed.
// A port that the scheme implies may be there or not, on either side.
func (c *Config) mirrored(address string) string {
	location, err := url.Parse(address)
	if err != nil || !isWeb(location) {
		return address
	}
	key, found := c.mirrorOf(location)
	if !found {
		return address
	}
	base, err := url.Parse(c.Mirrors[key])
	if err != nil { // validated before
		return address
	}
	target := base.JoinPath(location.EscapedPath())
	target.RawQuery = location.RawQuery
	return target.String()
}

// mirrorOf returns the key of `mirrors` that stands for the host of the URL.
func (c *Config) mirrorOf(location *url.URL) (key string, found bool) {
	host, port := location.Hostname(), location.Port()
	implied := map[string]string{"http": "80", "https": "443"}[location.Scheme]
	if port == "" {
		port = implied
	}
	for key := range c.Mirrors {
		if strings.EqualFold(key, net.JoinHostPort(host, port)) || port == implied && strings.EqualFold(key, host) {
			return key, true
		}
	}
	return "", false
}

// mirrorsInUse names the hosts, and their mirrors, from which something has to be downloaded; it is empty when there is none.
func (c *Config) mirrorsInUse(downloads []download) string {
	var uses []string
	for _, d := range downloads {
		location, err := url.Parse(d.url)
		if err != nil || d.from == d.url || d.kept() {
			continue
		}
		key, _ := c.mirrorOf(location)
		if use := key + " is " + redacted(c.Mirrors[key]); !slices.Contains(uses, use) {
			uses = append(uses, use)
		}
	}
	return strings.Join(uses, ", ")
}

// mirrorHint is what a machine without a route to a publisher can do.
func mirrorHint(address string) string {
	host := "the URL's host"
	if location, err := url.Parse(address); err == nil && location.Host != "" {
		host = location.Host
	}
	return fmt.Sprintf(`without a route to it, name a mirror: mirrors = { %q = "https://mirror.example/..." }`, host)
}

// redacted is a URL as it may be shown and kept: user, password and query may be secrets.
func redacted(address string) string {
	location, err := url.Parse(address)
	switch {
	case err != nil, location.Opaque != "": // such as user:password@host
		return "a URL that cannot be read"
	case location.Scheme == "":
		return address // a path
	}
	location.RawQuery, location.ForceQuery, location.Fragment = "", false, ""
	if location.User != nil {
		location.User = url.User("xxxxx")
	}
	return location.String()
}
