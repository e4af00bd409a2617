package libvirt

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
)

func (c *Config) validateSource() error {
	return errors.Join(c.validateSourceImage(), c.validateSourceChecksum())
}

func (c *Config) validateSourceImage() error {
	if c.SourceImage == placeholder {
		return nil
	}
	if c.SourceImage == "" {
		return errors.New("source_image: is required; give the path or URL of a cloud image")
	}
	location, err := url.Parse(c.SourceImage)
	if err == nil && location.Scheme != "" && !slices.Contains([]string{"http", "https"}, location.Scheme) {
		return fmt.Errorf("source_image: must be a path or an http(s) URL, got one with the scheme %q", location.Scheme)
	}
	if err != nil || location.Scheme != "" && location.Host == "" {
		return fmt.Errorf("source_image: must be a path or an http(s) URL with a host, got %q", c.sourceName())
	}
	if location.Scheme != "" {
		if err := checkWebPath(location); err != nil {
			return fmt.Errorf("source_image: %w, got %q", err, c.sourceName())
		}
		return nil
	}
	info, err := os.Stat(c.SourceImage)
	if err != nil {
		return fmt.Errorf("source_image: no such image on this machine: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("source_image: must be a file, got %q (%s)", c.SourceImage, info.Mode().Type())
	}
	return nil
}

func (c *Config) validateSourceChecksum() error {
	if c.SourceChecksum == "" {
		return errors.New(`source_checksum: is required; copy it from the image's publisher, or write "none" to go without`)
	}
	if c.SourceChecksum == placeholder || c.SourceChecksum == "none" || checksumPattern.MatchString(c.SourceChecksum) {
		return nil
	}
	return fmt.Errorf("source_checksum: must be sha256: and 64 or sha512: and 128 lower-case hexadecimal digits, got %q", c.SourceChecksum)
}
