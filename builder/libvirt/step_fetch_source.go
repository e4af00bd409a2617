package libvirt

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepFetchSource downloads the source image, brings it into the build's directory and verifies it there. Produces: source.
// A download stays in the cache. A build with layers keeps the image there as the lowest one, or has it from there already.
type stepFetchSource struct{ config *Config }

func (s *stepFetchSource) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	layers := stateLayers.get(state)
	if layers.isCached() {
		stateSource.put(state, layers.source(s.config.SourceChecksum))
		return multistep.ActionContinue
	}
	uiOf(state).Say("Source image: " + s.config.sourceName())
	path, err := s.place(state)
	if err != nil {
		return halt(state, err)
	}
	if err := s.config.fetchSource(ctx, path, uiOf(state)); err != nil {
		return halt(state, errors.Join(err, s.others(state)))
	}
	source, err := inspectImage(ctx, path)
	if err != nil {
		return halt(state, fmt.Errorf("source_image: %s: %w", s.config.sourceName(), err))
	}
	if err := s.config.checkSizes(source); err != nil {
		return halt(state, err)
	}
	source.Checksum = s.config.SourceChecksum
	stateSource.put(state, source)
	if layers != nil {
		layers.keepSource(source)
	}
	return multistep.ActionContinue
}

func (s *stepFetchSource) place(state multistep.StateBag) (string, error) {
	if layers := stateLayers.get(state); layers != nil {
		return layers.sourceFile()
	}
	return stateBuild.get(state).file(sourceFile), nil
}

// checkSizes keeps the source image's disk from being cut.
func (c *Config) checkSizes(source sourceImage) error {
	need := (source.VirtualSize + 1<<20 - 1) >> 20
	switch {
	case int64(c.DiskSize) < need:
		return fmt.Errorf("disk_size: must be at least the source image's %d MiB, got %d", need, c.DiskSize)
	case int64(c.RootSize) < need:
		return fmt.Errorf("root_size: must be at least the source image's %d MiB, got %d", need, c.RootSize)
	}
	return nil
}

// others is what goes wrong with the artifacts, so that a person learns of all of it.
func (s *stepFetchSource) others(state multistep.StateBag) error {
	artifacts := stateFetching.get(state)
	if artifacts.underWay() {
		uiOf(state).Say("The source image failed; the build stops when the artifacts are downloaded, which the next one needs too")
	}
	return artifacts.wait()
}

func (s *stepFetchSource) Cleanup(multistep.StateBag) {}
