package libvirt

import (
	"context"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepPublishOutput adds checksum, manifest and logs, and gives the directory its final name. Produces: exported, with its files.
type stepPublishOutput struct {
	config  *Config
	timings *timings
}

func (s *stepPublishOutput) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	exported := stateExported.get(state)
	files, err := readLogs(stateBuild.get(state))
	if err != nil {
		return halt(state, fmt.Errorf("output_directory: reading the build's logs: %w", err))
	}
	if files[manifestFile], err = s.config.manifest(ctx, state, s.timings); err != nil {
		return halt(state, fmt.Errorf("writing manifest.json: %w", err))
	}
	exported.files = files
	if err := s.config.publishOutput(exported); err != nil {
		return halt(state, err)
	}
	stateExported.put(state, exported)
	return multistep.ActionContinue
}

func (s *stepPublishOutput) Cleanup(multistep.StateBag) {}
