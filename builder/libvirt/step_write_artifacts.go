package libvirt

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepWriteArtifacts waits for the artifacts and writes them to the guest's third disk, which goes with the build's directory.
type stepWriteArtifacts struct {
	config *Config
	again  bool // -on-error=ask retries
}

// isoDeadline is for writing gigabytes to a slow disk.
const isoDeadline = 10 * time.Minute

func (s *stepWriteArtifacts) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	build, files := stateBuild.get(state), stateArtifacts.get(state)
	folder := build.file(artifactsFiles)
	err := stateFetching.get(state).wait()
	if s.again {
		err = s.config.fetchArtifacts(ctx, files, folder, uiOf(state))
	}
	s.again = true
	if err != nil {
		return halt(state, err)
	}
	for i := range files {
		files[i].size = sizeOf(filepath.Join(folder, files[i].place()))
	}
	if err := s.config.checkFreeSpace("cache_directory", s.config.CacheDirectory); err != nil { // now that all is here
		return halt(state, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, isoDeadline, fmt.Errorf("not written within %s", isoDeadline))
	defer cancel()
	if err := writeISO(ctx, build.file(artifactsFile), "ingot-artifacts", folder); err != nil {
		return halt(state, fmt.Errorf("artifacts: writing the guest's disk with them: %w", err))
	}
	return multistep.ActionContinue
}

func (s *stepWriteArtifacts) Cleanup(multistep.StateBag) {}
