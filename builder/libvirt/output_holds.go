package libvirt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// readManifest reads manifest.json of a directory, and reports whether Ingot wrote it.
func readManifest(directory string) (m manifest, ours bool) {
	content, err := os.ReadFile(filepath.Join(directory, manifestFile))
	if err != nil || json.Unmarshal(content, &m) != nil {
		return m, false
	}
	return m, idPattern.MatchString(m.BuildID) && namePattern.MatchString(m.Image.File) && inputsPattern.MatchString(m.Image.Checksum)
}

// outputHolds reports whether output_directory is what this build would make: an image of the same digest under the same name, whose
// checksum, read again, is that of its manifest.
func (c *Config) outputHolds(ctx context.Context, digest string) (exportedImage, bool) {
	m, ours := readManifest(c.OutputDirectory)
	if !ours || m.Image.Digest != digest || m.Image.File != c.ImageName || m.Name != c.PackerBuildName {
		return exportedImage{}, false
	}
	checksum, size, err := hashFile(ctx, filepath.Join(c.OutputDirectory, c.ImageName))
	return exportedImage{checksum: checksum, size: size}, err == nil && checksum == m.Image.Checksum
}

// checkEntries refuses to replace what Ingot did not make.
func (c *Config) checkEntries(entries []os.DirEntry) error {
	m, ours := readManifest(c.OutputDirectory)
	names := c.outputNames()
	if ours {
		names = append(names, m.Image.File) // under the name of then
	}
	for _, entry := range entries {
		if !slices.Contains(names, entry.Name()) {
			return fmt.Errorf("output_directory: %s holds %q, which Ingot did not make; move it away or choose another directory", c.OutputDirectory, entry.Name())
		}
	}
	if len(entries) > 0 && !ours && !c.PackerForce {
		return errors.New("output_directory: " + c.OutputDirectory + " has no manifest.json of Ingot's, so nobody knows whose image it holds; " +
			"remove it, or run packer build -force to replace it")
	}
	return nil
}
