package verify

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	registry "github.com/hashicorp/packer-plugin-sdk/packer/registry/image"
)

// Artifact is the image that passed, with the reports beside it. It holds what the builder's says: that one is in another process, and
// cannot be asked any more when the verification is over.
type Artifact struct {
	builderID string
	id        string // the image's checksum
	text      string
	files     []string
	state     map[string]any
}

var _ packersdk.Artifact = (*Artifact)(nil)

func newArtifact(given packersdk.Artifact, r report, directory string) *Artifact {
	a := &Artifact{
		builderID: given.BuilderId(), id: given.Id(), text: given.String() + ", verified: " + r.summary(), files: given.Files(),
		state: map[string]any{},
	}
	for _, name := range []string{jsonFile, junitFile} {
		if path := filepath.Join(directory, name); !slices.Contains(a.files, path) {
			a.files = append(a.files, path)
		}
	}
	for _, name := range []string{"generated_data", "checksum", registry.ArtifactStateURI} {
		a.state[name] = given.State(name)
	}
	return a
}

// BuilderId names the builder that made the image.
func (a *Artifact) BuilderId() string { return a.builderID } //nolint:revive // the SDK's interface spells it so

// Id returns the image's checksum, with its algorithm in front.
func (a *Artifact) Id() string { return a.id } //nolint:revive // the SDK's interface spells it so

// Files returns the paths of image, what belongs to it, and the reports.
func (a *Artifact) Files() []string { return a.files }

func (a *Artifact) String() string { return a.text }

// State returns the values that the builder gives to post-processors.
func (a *Artifact) State(name string) any { return a.state[name] }

// Destroy removes the files, and their directory when nothing else is in it.
func (a *Artifact) Destroy() error {
	var errs []error
	for _, file := range a.files {
		if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
		_ = os.Remove(filepath.Dir(file)) // stays when somebody put a file there
	}
	return errors.Join(errs...)
}
