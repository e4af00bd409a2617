package libvirt

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepRestoreImage hands over the image that an earlier build made of the same input, so that nothing is booted. Produces: exported and
// restored, where there is such an image. Cleanup removes what was not published.
type stepRestoreImage struct {
	config  *Config
	staging string
}

func (s *stepRestoreImage) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	layers := stateLayers.get(state)
	if layers == nil || s.config.SkipExport || s.config.PackerForce {
		return multistep.ActionContinue
	}
	say := layersSay(state)
	if exported, found := s.config.outputHolds(ctx, layers.image()); found {
		if err := layers.noteUse(ctx); err != nil {
			say(err.Error())
		}
		uiOf(state).Say(fmt.Sprintf("Nothing has changed: %s holds this image already", s.config.OutputDirectory))
		s.restored(state, exported)
		return multistep.ActionContinue
	}
	image, err := layers.store.lookupImage(ctx, layers.image(), say)
	if err != nil {
		return goOnWithoutLayers(ctx, state, err)
	}
	if image == nil {
		return multistep.ActionContinue
	}
	defer image.Close()
	files, err := s.config.restoredFiles(image)
	if err != nil {
		if err := layers.store.dropImage(ctx, image, err, say); err != nil {
			return goOnWithoutLayers(ctx, state, err)
		}
		return multistep.ActionContinue
	}
	if err := s.restore(ctx, state, image, files); err != nil {
		return halt(state, err)
	}
	return multistep.ActionContinue
}

func (s *stepRestoreImage) restored(state multistep.StateBag, exported exportedImage) {
	stateExported.put(state, exported)
	stateRestored.put(state, true)
}

// restore makes the output directory as the build that made the image did.
func (s *stepRestoreImage) restore(ctx context.Context, state multistep.StateBag, image *cachedImage, files map[string][]byte) (err error) {
	uiOf(state).Say(fmt.Sprintf("Nothing has changed: restoring the image that build %s made on %s",
		image.buildID(), image.Created.Local().Format("2006-01-02 at 15:04")))
	exported := exportedImage{checksum: image.Checksum, size: image.Size, files: files}
	if s.staging, err = s.config.createStaging(stateBuild.get(state)); err != nil {
		return fmt.Errorf("output_directory: making room beside %s: %w", s.config.OutputDirectory, err)
	}
	exported.staging = s.staging
	path := filepath.Join(s.staging, s.config.ImageName)
	if err := cloneFile(ctx, image.path, path); err != nil {
		return fmt.Errorf("output_directory: %w", err)
	}
	if err := syncFile(path); err != nil {
		return fmt.Errorf("output_directory: writing %s: %w", path, err)
	}
	if err := s.config.publishOutput(exported); err != nil {
		return err
	}
	s.restored(state, exported)
	return nil
}

func (s *stepRestoreImage) Cleanup(state multistep.StateBag) { removeStagingOf(state, s.staging) }
