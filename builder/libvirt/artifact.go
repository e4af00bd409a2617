package libvirt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"github.com/hashicorp/packer-plugin-sdk/packer/registry/image"
)

// BuilderID names this builder to post-processors.
const BuilderID = "ingot.libvirt"

// Artifact is the published image with the files beside it.
type Artifact struct {
	directory string
	imageName string
	names     []string // of the files in directory, the image first
	checksum  string   // sha256:…, empty when nothing was exported
	source    string
	size      int64 // bytes
	state     map[string]any
}

var _ packersdk.Artifact = (*Artifact)(nil)

// BuilderId returns BuilderID.
func (*Artifact) BuilderId() string { return BuilderID } //nolint:revive // the SDK's interface spells it so

// Files returns the paths of image, SHA256SUMS, manifest.json and logs.
func (a *Artifact) Files() []string {
	files := make([]string, 0, len(a.names))
	for _, name := range a.names {
		files = append(files, filepath.Join(a.directory, name))
	}
	return files
}

// Id returns the image's checksum, with its algorithm in front.
func (a *Artifact) Id() string { return a.checksum } //nolint:revive // the SDK's interface spells it so

func (a *Artifact) String() string {
	if a.checksum == "" {
		return "Nothing was exported (skip_export)"
	}
	return fmt.Sprintf("%s (%d MiB, %s)", filepath.Join(a.directory, a.imageName), a.size>>20, a.checksum)
}

// State returns the values that post-processors may ask for: generated_data, the image's checksum, and HCP's metadata.
func (a *Artifact) State(name string) any {
	switch name {
	case image.ArtifactStateURI:
		return a.registryImage()
	case "checksum":
		return a.checksum
	}
	return a.state[name]
}

// registryImage is what HCP Packer keeps of the build.
// https://developer.hashicorp.com/packer/docs/plugins/creation/hcp-support
func (a *Artifact) registryImage() any {
	img, err := image.FromArtifact(a,
		image.WithID(a.checksum), image.WithProvider("libvirt"), image.WithRegion("local"), image.WithSourceID(a.source),
		image.SetLabels(map[string]any{"file": a.imageName, "size_bytes": fmt.Sprint(a.size)}))
	if err != nil {
		return nil
	}
	return img
}

// Destroy removes the files of the image, and the directory when nothing else is in it.
func (a *Artifact) Destroy() error {
	var errs []error
	for _, path := range a.Files() {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	_ = os.Remove(a.directory) // stays when somebody put a file there
	return errors.Join(errs...)
}
