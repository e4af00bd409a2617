package versions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// Pins is the content of versions.yaml.
type Pins struct {
	// Images are the base images that a build can start from.
	Images map[string]Pin `json:"images"`
	// Tools are the downloads that tasks install.
	Tools map[string]Pin `json:"tools"`

	path string
}

// Pin is one thing at one version.
type Pin struct {
	// Version as its publisher writes it, without a leading v.
	Version string `json:"version"`
	// Downloads by architecture.
	Downloads map[string]Download `json:"downloads"`
	// Update is how the next release is found.
	Update Update `json:"-"`
	// ReviewBy is the day after which somebody must look at the pin again; zero when there is none.
	ReviewBy time.Time `json:"-"`

	at     string // "file:line: images.debian-13", for messages
	reason string // why it has to be reviewed: the comment behind review_by, else the one above the pin
}

// Download is one file and its checksum.
type Download struct {
	URL      string `json:"url"`
	Checksum string `json:"checksum"`
}

// Load reads versions.yaml. Its error joins every problem in the file, each with its line.
func Load(path string) (Pins, error) {
	data, err := strictyaml.Read(os.OpenFile, path)
	if err != nil {
		return Pins{}, fmt.Errorf("reading file %s: %w", path, err)
	}
	return Parse(path, data)
}

// Digest identifies what is pinned: versions, URLs and checksums of all architectures, and nothing else.
func (p Pins) Digest() string {
	canonical, _ := json.Marshal(p) // maps are marshalled in the order of their keys; no value of ours can fail
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:])
}
