package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// result is one build.
type result struct {
	who, what string
	wall, cpu time.Duration
	size      int64 // bytes of the image
	manifest  *manifest
}

// manifest is what Ingot tells of the build that made the image.
type manifest struct {
	Restored *string `json:"restored"`
	Phases   []struct {
		Phase   string
		Seconds float64
	}
	Tasks []struct {
		Task    string
		Seconds float64
		Cached  bool
	}
}

// look finds the image, and the manifest beside it.
func (r *result) look(output string) error {
	images, _ := filepath.Glob(filepath.Join(output, "*.qcow2")) // the pattern is right
	if len(images) != 1 {
		return fmt.Errorf("%s: want one image, got %q", output, images)
	}
	info, err := os.Stat(images[0])
	if err != nil {
		return err
	}
	r.size = info.Size()
	content, err := os.ReadFile(filepath.Join(output, "manifest.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	r.manifest = new(manifest)
	return json.Unmarshal(content, r.manifest)
}

// parts are where the time of a build went that ran a guest: what the guest needs, what it is for, and what is left.
type parts struct{ boot, tasks, shutDown, export, overhead float64 }

func (r result) parts() parts {
	p := parts{overhead: r.wall.Seconds()}
	for _, phase := range r.manifest.Phases {
		switch phase.Phase {
		case "boot", "cloud-init":
			p.boot += phase.Seconds
		case "shut down":
			p.shutDown = phase.Seconds
		case "export":
			p.export = phase.Seconds
		}
	}
	for _, task := range r.manifest.Tasks {
		p.tasks += task.Seconds
	}
	p.overhead -= p.boot + p.tasks + p.shutDown + p.export
	return p
}
