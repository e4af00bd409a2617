package libvirt

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

func (c *Config) validateOutput() error {
	return errors.Join(
		oneOf("compression", c.Compression, "zstd", "zlib", "none"),
		matches("image_name", c.ImageName, namePattern, "must be a file name without folders"),
		c.validateImageName(),
		c.validateOutputDirectory(),
	)
}

// validateImageName keeps the image from being overwritten by what is written beside it.
func (c *Config) validateImageName() error {
	if slices.Contains(besideTheImage, c.ImageName) {
		return fmt.Errorf("image_name: must not be one of %s, which are written beside the image, got %q", strings.Join(besideTheImage, ", "), c.ImageName)
	}
	return nil
}

// validateOutputDirectory refuses directories that are replaced as a whole only by mistake.
func (c *Config) validateOutputDirectory() error {
	clean := filepath.Clean(c.OutputDirectory)
	if clean == "." || clean == "/" || clean == ".." || strings.HasSuffix(clean, "/..") {
		return fmt.Errorf("output_directory: must be a directory of its own, since a build replaces it, got %q", c.OutputDirectory)
	}
	return nil
}

func (c *Config) validateManifest() error {
	if c.Manifest == "" || c.Manifest == placeholder {
		return nil
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(c.Manifest), &object); err != nil {
		return fmt.Errorf("manifest: must be a JSON object: %w", err)
	}
	return nil
}
