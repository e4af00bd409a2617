package libvirt

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
)

// validateMirrors shows no value as it was given: it may have a password.
func (c *Config) validateMirrors() error {
	var errs []error
	for _, host := range slices.Sorted(maps.Keys(c.Mirrors)) {
		if location, err := url.Parse("//" + host); err != nil || location.Host != host || location.Hostname() == "" || location.User != nil {
			errs = append(errs, fmt.Errorf("mirrors: keys must be the host of a URL such as github.com, with a port where the URL has one, got %q", host))
		}
		if c.Mirrors[host] == placeholder {
			continue
		}
		base, err := url.Parse(c.Mirrors[host])
		switch {
		case err != nil || base.Host == "":
			errs = append(errs, fmt.Errorf("mirrors: %s: must be an http(s) URL with a host, such as https://mirror.example/%s", host, host))
		case !isWeb(base) || base.RawQuery != "" || base.Fragment != "":
			errs = append(errs, fmt.Errorf("mirrors: %s: must be an http(s) URL without a query, got %q", host, redacted(c.Mirrors[host])))
		}
	}
	return errors.Join(errs...)
}
