package libvirt

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// layer is the guest's disk after one task file, or the image that all of them made. As JSON it is <digest>.json, which is written
// last: without it a data file is nobody's.
type layer struct {
	Digest   string            `json:"digest"`           // 64 hexadecimal digits: of all that went into it
	Parent   string            `json:"parent,omitempty"` // digest of the layer that it stands on, or, for an image, came from
	File     string            `json:"file"`             // name of the data file, in the same folder
	Format   string            `json:"format"`           // qcow2; the source image's own may be raw
	Checksum string            `json:"checksum"`         // of the data file, sha256:…
	Size     int64             `json:"size_bytes"`       // of the data file
	Task     string            `json:"task,omitempty"`   // the task file; none for the source image
	Profile  string            `json:"profile"`          // name of the source block whose build made it
	Created  time.Time         `json:"created"`          // UTC
	LastUsed time.Time         `json:"last_used"`        // UTC; of it, or of what stands on it
	Hits     int               `json:"hits"`             // builds that used it, or what stands on it
	Files    map[string][]byte `json:"files,omitempty"`  // an image's: manifest.json, logs; by name
	FilesSum string            `json:"files_sum,omitempty"`
}

var (
	digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	dataPattern   = regexp.MustCompile(`^([0-9a-f]{64})\.([0-9a-f]{8})(\.image)?\.qcow2$`)
)

const (
	layerSuffix = ".qcow2"
	imageSuffix = ".image.qcow2"
)

// parseLayer reads a layer's JSON, and follows it to no other folder.
func parseLayer(digest string, text []byte) (layer, error) {
	var l layer
	if err := json.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("its description is not complete JSON: %w", err)
	}
	return l, l.check(digest)
}

func (l layer) check(digest string) error {
	name := dataPattern.FindStringSubmatch(l.File)
	switch {
	case l.Digest != digest:
		return fmt.Errorf("its description is of another layer, %q", l.Digest)
	case name == nil || name[1] != digest:
		return fmt.Errorf("its description names the data file %q, which is none of this layer", l.File)
	case l.Parent == digest || l.Parent != "" && !digestPattern.MatchString(l.Parent):
		return fmt.Errorf("its description names the parent %q, which is no other layer", l.Parent)
	case !inputsPattern.MatchString(l.Checksum):
		return fmt.Errorf("its description has the checksum %q, which is no sha256", l.Checksum)
	case l.Format != "qcow2" && (l.Format != "raw" || l.Parent != ""):
		return fmt.Errorf("its description has the format %q", l.Format)
	case l.isImage() && l.FilesSum != filesSum(l.Files):
		return errors.New("its logs or its manifest have changed")
	}
	return nil
}

func (l layer) isImage() bool { return strings.HasSuffix(l.File, imageSuffix) }

// buildID is the build that wrote the data file.
func (l layer) buildID() string { return dataPattern.FindStringSubmatch(l.File)[2] }

// String names the layer for people.
func (l layer) String() string {
	switch {
	case l.isImage():
		return fmt.Sprintf("image %s of %s", short(l.Digest), l.Profile)
	case l.Task == "":
		return fmt.Sprintf("layer %s (source image)", short(l.Digest))
	}
	return fmt.Sprintf("layer %s (%s)", short(l.Digest), l.Task)
}

// short is enough of a digest to tell it from others.
func short(digest string) string { return digest[:min(12, len(digest))] }

// filesSum keeps an image's small files from being handed out changed; JSON orders them by name.
func filesSum(files map[string][]byte) string {
	text, _ := json.Marshal(files) // a map of bytes always has one
	return sha256Of(text)
}
