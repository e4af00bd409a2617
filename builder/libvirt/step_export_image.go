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

func (s *stepExportImage) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	var err error
	if s.staging, err = s.config.createStaging(stateBuild.get(state)); err != nil {
		return halt(state, fmt.Errorf("output_directory: making room beside %s: %w", s.config.OutputDirectory, err))
	}
	disk, err := rootDisk(stateDomain.get(state))
	if err != nil {
		return halt(state, err)
	}
	image := filepath.Join(s.staging, s.config.ImageName)
	uiOf(state).Say("Exporting the image")
	if err := s.config.export(ctx, disk, image, uiOf(state)); err != nil {
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

func (s *stepExportImage) Cleanup(state multistep.StateBag) { removeStagingOf(state, s.staging) }

// removeStagingOf removes what was not published.
func removeStagingOf(state multistep.StateBag, staging string) {
	if staging == "" {
		return
	}
	if err := os.RemoveAll(staging); err != nil {
		uiOf(state).Error(fmt.Sprintf("Removing an incomplete image: %v (run: rm -r %s)", err, staging))
	}
}
