package libvirt

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// restoredFiles are the files beside an image as the build that made it wrote them. The manifest keeps that build's id, time, tools and
// times, and has the names that this template gives to the same things.
func (c *Config) restoredFiles(image *cachedImage) (map[string][]byte, error) {
	var m manifest
	if err := json.Unmarshal(image.Files[manifestFile], &m); err != nil {
		return nil, fmt.Errorf("reading its manifest: %w", err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	m.Restored, m.Name, m.Image.File, m.Source.Location = &now, c.PackerBuildName, c.ImageName, c.sourceName()
	if c.Manifest != "" {
		m.Profile = json.RawMessage(c.Manifest)
	}
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing manifest.json: %w", err)
	}
	files := maps.Clone(image.Files)
	files[manifestFile] = append(content, '\n')
	return files, nil
}
