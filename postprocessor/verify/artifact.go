package verify

import (
	"errors"
	"os"
	"path/filepath"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// Artifact is the image that passed, with the reports beside it.
type Artifact struct {
	packersdk.Artifact // as the builder made it
	reports            []string
	summary            string
}

func newArtifact(given packersdk.Artifact, r report, directory string) *Artifact {
	a := &Artifact{Artifact: given, summary: r.summary()}
	for _, name := range []string{jsonFile, junitFile} {
		a.reports = append(a.reports, filepath.Join(directory, name))
	}
	return a
}

// Files returns the paths of image, what belongs to it, and the reports.
func (a *Artifact) Files() []string {
	files := a.Artifact.Files()
	known := map[string]bool{}
	for _, file := range files {
		known[file] = true
	}
	for _, file := range a.reports {
		if !known[file] {
			files = append(files, file)
		}
	}
	return files
}

func (a *Artifact) String() string { return a.Artifact.String() + ", verified: " + a.summary }

// Destroy removes the image with all that belongs to it.
func (a *Artifact) Destroy() error {
	var errs []error
	for _, file := range a.reports {
		if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, a.Artifact.Destroy())...)
}
