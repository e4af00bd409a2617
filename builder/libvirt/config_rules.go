package libvirt

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// oneOf is the rule of an attribute with a few allowed values.
func oneOf(attribute, given string, allowed ...string) error {
	if given == placeholder || slices.Contains(allowed, given) {
		return nil
	}
	return fmt.Errorf("%s: must be one of %s, got %q", attribute, strings.Join(allowed, ", "), given)
}

func matches(attribute, given string, pattern *regexp.Regexp, rule string) error {
	if given == placeholder || pattern.MatchString(given) {
		return nil
	}
	return fmt.Errorf("%s: %s, got %q", attribute, rule, given)
}

func between(attribute string, given, least, most int, unit string) error {
	if given >= least && given <= most {
		return nil
	}
	return fmt.Errorf("%s: must be from %d to %d%s, got %d", attribute, least, most, unit, given)
}

type timeout struct {
	name  string
	value time.Duration
}

func (c *Config) timeouts() []timeout {
	return []timeout{
		{"download_timeout", c.DownloadTimeout}, {"cloud_init_timeout", c.CloudInitTimeout},
		{"shutdown_timeout", c.ShutdownTimeout}, {"export_timeout", c.ExportTimeout}, {"ssh_timeout", c.Comm.SSHTimeout},
	}
}
