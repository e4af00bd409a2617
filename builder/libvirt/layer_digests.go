package libvirt

import (
	"context"
	"encoding/json"
	"fmt"
)

// What is part of every digest. Raise the first when a release makes, boots or freezes guests differently without the seed or the domain
// showing it, the second when it exports images differently.
const (
	layersVersion = "ingot-layers-2"
	imageVersion  = "ingot-image-1"
)

// layerDigest names the guest's disk after a task file.
type layerDigest struct {
	Task   string // none for the source image
	Digest string // 64 hexadecimal digits
}

// layerDigests returns the source image's digest, and one for each of `layers`; each follows from the one before. The last is that of the
// image, since nothing is kept after the last task file but the image. It runs the required commands for their versions.
func (c *Config) layerDigests(ctx context.Context) ([]layerDigest, error) {
	tasks, err := c.taskInputs()
	if err != nil || len(tasks) == 0 {
		return nil, err
	}
	source, err := c.sourceDigest(ctx)
	if err != nil {
		return nil, fmt.Errorf("layers: telling what the guest starts from: %w", err)
	}
	digests := []layerDigest{{Digest: source}}
	for i, t := range tasks {
		digests = append(digests, layerDigest{Task: t.Task, Digest: digestOf(digests[i].Digest, t.Inputs)})
	}
	image := &digests[len(tasks)]
	image.Digest = digestOf(imageVersion, image.Digest, c.DiskSize, c.Compression, c.ShutdownCommand, c.ShutdownConfirmation)
	return digests, nil
}

// sourceDigest is of all that decides what the task files start from: the source image, the seed and the virtual hardware as the builder
// makes them, and the programs that apply the task files.
func (c *Config) sourceDigest(ctx context.Context) (string, error) {
	c = c.withoutHost()
	build := buildID{ID: "00000000"}
	seed, err := c.seedFiles(build, identity{})
	if err != nil {
		return "", err
	}
	hardware, err := guest{config: c, build: build, accelerator: accelerator{kvm: true}, disk: "disk", seed: "seed", console: "console"}.domain()
	if err != nil {
		return "", err
	}
	domain, err := hardware.Marshal()
	if err != nil {
		return "", fmt.Errorf("writing the domain: %w", err)
	}
	return digestOf(layersVersion, c.SourceChecksum, c.RootSize, seed, domain, c.commandVersions(ctx)), nil
}

// withoutHost is the configuration without what only tells where, and how fast, the guest runs: the same work on another machine has
// the same digests.
func (c *Config) withoutHost() *Config {
	neutral := *c
	neutral.CPUs, neutral.Memory, neutral.CPUModel, neutral.NetworkName = 1, minMemory, "", ""
	return &neutral
}

// commandVersions names the releases of the programs that apply the task files; ssh, for one, does not tell.
func (c *Config) commandVersions(ctx context.Context) map[string]string {
	versions := map[string]string{}
	for _, command := range c.RequiredCommands {
		if v := commandVersion(ctx, command); v != "" {
			versions[command] = v
		}
	}
	return versions
}

// digestOf is unambiguous: JSON separates the parts, and orders the keys of maps.
func digestOf(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // strings, numbers and maps of them always have one
	}
	return sha256Of(text)
}
