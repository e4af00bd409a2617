package libvirt

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

const manifestFile = "manifest.json"

// manifest is manifest.json: what went into the image, and how long it took.
type manifest struct {
	Name      string             `json:"name"`
	BuildID   string             `json:"build_id"`
	BuiltAt   time.Time          `json:"built_at"` // UTC
	Image     manifestImage      `json:"image"`
	Source    manifestSource     `json:"source"`
	Artifacts []manifestArtifact `json:"artifacts,omitempty"`
	Profile   json.RawMessage    `json:"profile,omitempty"`
	Guest     manifestGuest      `json:"guest"`
	Tools     map[string]string  `json:"tools"`
	Restored  *time.Time         `json:"restored,omitempty"` // UTC; when a later build took the image from the cache
	Phases    []phaseTime        `json:"phases"`
	Tasks     []taskTime         `json:"tasks,omitempty"`
}

type manifestImage struct {
	File        string `json:"file"`
	Checksum    string `json:"checksum"`
	Size        int64  `json:"size_bytes"`
	VirtualSize int64  `json:"virtual_size_bytes"`
	Compression string `json:"compression"`
	Digest      string `json:"digest,omitempty"` // of all that went into it, with layers
}

type manifestSource struct {
	Location string `json:"location"`
	Checksum string `json:"checksum"`
	Format   string `json:"format"`
	Digest   string `json:"digest,omitempty"` // of the disk before the first task file, with layers
}

type manifestArtifact struct {
	Name     string `json:"name"` // of the pin
	Version  string `json:"version"`
	URL      string `json:"url"`              // the publisher's
	Mirror   string `json:"mirror,omitempty"` // where it came from instead, if mirrors says so
	Checksum string `json:"checksum"`
	Size     int64  `json:"size_bytes"`
}

func (c *Config) manifestArtifacts(files []pinnedFile) []manifestArtifact {
	var artifacts []manifestArtifact
	for _, f := range files {
		a := manifestArtifact{Name: f.Name, Version: f.Version, URL: redacted(f.URL), Checksum: f.Checksum, Size: f.size}
		if from := c.mirrored(f.URL); from != f.URL {
			a.Mirror = redacted(from)
		}
		artifacts = append(artifacts, a)
	}
	return artifacts
}

type manifestGuest struct {
	Architecture string `json:"architecture"`
	Accelerator  string `json:"accelerator"`
	Firmware     string `json:"firmware"`
	Machine      string `json:"machine"`
	CPUs         int    `json:"cpus"`
	Memory       int    `json:"memory_mib"`
}

func (c *Config) manifest(ctx context.Context, state multistep.StateBag, t *timings) ([]byte, error) {
	build, exported, source, layers := stateBuild.get(state), stateExported.get(state), stateSource.get(state), stateLayers.get(state)
	content, err := json.MarshalIndent(manifest{
		Name: c.PackerBuildName, BuildID: build.id.ID, BuiltAt: time.Now().UTC().Truncate(time.Second),
		Image: manifestImage{
			File: c.ImageName, Checksum: exported.checksum, Size: exported.size,
			VirtualSize: int64(c.DiskSize) << 20, Compression: c.Compression,
			Digest: layers.image(),
		},
		Source:    manifestSource{Location: c.sourceName(), Checksum: source.Checksum, Format: source.Format, Digest: layers.base()},
		Artifacts: c.manifestArtifacts(stateArtifacts.get(state)),
		Profile:   json.RawMessage(c.Manifest),
		Guest: manifestGuest{
			Architecture: guestArchitecture().name, Accelerator: stateAccelerator.get(state).String(),
			Firmware: c.Firmware, Machine: c.Machine, CPUs: c.CPUs, Memory: c.Memory,
		},
		Tools:  c.tools(ctx, state),
		Phases: t.Phases,
		Tasks:  layers.withDigests(readTaskTimes(build.file(taskTimesFile))),
	}, "", "  ")
	return append(content, '\n'), err
}
