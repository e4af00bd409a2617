package libvirt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepExportImage writes the flattened image beside its destination, under a name that says that it is not complete.
// Produces: exported. Cleanup removes what was not published.
type stepExportImage struct {
	config  *Config
	staging string
}

// exportedImage is the finished file, not yet under its final name.
type exportedImage struct {
	staging  string // directory
	checksum string // sha256:…
	size     int64  // bytes
}

// stagingNote is kept in the build's directory so that a sweep finds what a killed build left beside the output.
const stagingNote = "staging"

func (s *stepExportImage) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	build := stateBuild.get(state)
	if err := s.createStaging(build); err != nil {
		return halt(state, fmt.Errorf("output_directory: making room beside %s: %w", s.config.OutputDirectory, err))
	}
	image := filepath.Join(s.staging, s.config.ImageName)
	uiOf(state).Say("Exporting the image")
	if err := s.config.export(ctx, build.file(diskFile), image, uiOf(state)); err != nil {
		return halt(state, fmt.Errorf("output_directory: writing %s: %w", image, err))
	}
	checksum, err := checksumFile(image, "sha256")
	if err != nil {
		return halt(state, err)
	}
	info, err := os.Stat(image)
	if err != nil {
		return halt(state, err)
	}
	stateExported.put(state, exportedImage{staging: s.staging, checksum: checksum, size: info.Size()})
	return multistep.ActionContinue
}

func stagingName(id string) string { return ".ingot-" + id + ".partial" }

func (s *stepExportImage) createStaging(build *buildDirectory) error {
	output, err := filepath.Abs(s.config.OutputDirectory)
	if err != nil {
		return err
	}
	s.staging = filepath.Join(filepath.Dir(output), stagingName(build.id.ID))
	if err := os.WriteFile(build.file(stagingNote), []byte(s.staging), 0o600); err != nil {
		return err
	}
	return os.MkdirAll(s.staging, 0o755)
}

func (s *stepExportImage) Cleanup(state multistep.StateBag) {
	if s.staging == "" {
		return
	}
	if err := os.RemoveAll(s.staging); err != nil {
		uiOf(state).Error(fmt.Sprintf("Removing an incomplete image: %v (run: rm -r %s)", err, s.staging))
	}
}
