package libvirt

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepCreateDisks makes the overlay on the source image, the seed with this build's keys, and the console's file.
// Produces: disk, identity, SSHHostKey. The files go with the build's directory, a disk among the layers with them.
type stepCreateDisks struct{ config *Config }

func (s *stepCreateDisks) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	build := stateBuild.get(state)
	if err := s.createDisk(ctx, state); err != nil {
		return halt(state, fmt.Errorf("creating the disk on %s: %w", s.config.sourceName(), err))
	}
	keys, err := newIdentity()
	if err != nil {
		return halt(state, err)
	}
	files, err := s.config.seedFiles(build.id, keys)
	if err != nil {
		return halt(state, err)
	}
	if err := writeSeed(ctx, build.file(seedFile), files); err != nil {
		return halt(state, fmt.Errorf("writing the NoCloud seed: %w", err))
	}
	// Made here so that it belongs to this user: libvirt's log daemon appends to a file that exists.
	if err := os.WriteFile(build.file(consoleFile), nil, 0o600); err != nil {
		return halt(state, fmt.Errorf("creating the console's log: %w", err))
	}
	s.config.Comm.SSHPrivateKey = []byte(keys.user.private)
	s.config.Comm.SSHPublicKey = []byte(keys.user.public)
	generated(state)["SSHHostKey"] = keys.host.public
	stateIdentity.put(state, keys)
	return multistep.ActionContinue
}

// createDisk puts the disk among the layers where it may become one.
func (s *stepCreateDisks) createDisk(ctx context.Context, state multistep.StateBag) (err error) {
	disk, source := stateBuild.get(state).file(diskFile), stateSource.get(state)
	if layers := stateLayers.get(state); layers != nil {
		disk, err = layers.firstDisk(ctx, source, s.config.RootSize)
	} else {
		err = createOverlay(ctx, disk, source.Path, source.Format, s.config.RootSize)
	}
	stateDisk.put(state, disk)
	return err
}

func (s *stepCreateDisks) Cleanup(multistep.StateBag) {}
