package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

const manifestFile = "manifest.json"

// image is the file to verify.
type image struct {
	path     string
	checksum string   // sha256:…
	manifest manifest // what lies beside it, when that is of this image
}

// manifest is the part of manifest.json that verification needs.
type manifest struct {
	BuildID string `json:"build_id"`
	Image   struct {
		File string `json:"file"`
	} `json:"image"`
	Profile struct {
		Spec string          `json:"spec"`
		Pins json.RawMessage `json:"pins"`
	} `json:"profile"`
}

func (i image) name() string      { return filepath.Base(i.path) }
func (i image) directory() string { return filepath.Dir(i.path) }

// isInOutput tells whether the image is in an output directory of Ingot's, which belongs to it as a whole.
func (i image) isInOutput() bool { return i.manifest.BuildID != "" }

// imageOf finds the one qcow2 of an artifact. An artifact of the builder has its checksum as its id: it was read a moment ago.
func imageOf(ctx context.Context, artifact packersdk.Artifact) (image, error) {
	var found []string
	for _, file := range artifact.Files() {
		if strings.HasSuffix(file, ".qcow2") {
			found = append(found, file)
		}
	}
	if len(found) != 1 {
		return image{}, fmt.Errorf("ingot-verify: the artifact must have one .qcow2 file, got %d: %s; a source with skip_export has none",
			len(found), strings.Join(found, ", "))
	}
	checksum := artifact.Id()
	if artifact.BuilderId() != "ingot.libvirt" {
		checksum = ""
	}
	return readImage(ctx, found[0], checksum, filepath.Join(filepath.Dir(found[0]), manifestFile))
}

// readImage looks at what is known of the file at path. An empty checksum is worked out.
func readImage(ctx context.Context, path, checksum, manifestPath string) (image, error) {
	i := image{path: path, checksum: checksum}
	content, err := os.ReadFile(manifestPath)
	if err == nil {
		err = json.Unmarshal(content, &i.manifest)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return image{}, fmt.Errorf("ingot-verify: reading what %s is made of: %s: %w", path, manifestPath, err)
	}
	if i.manifest.Image.File != i.name() {
		i.manifest.BuildID = "" // of another image
	}
	if checksum == "" {
		i.checksum, err = hashFile(ctx, path)
		return i, err
	}
	return i, nil
}

// hashFile returns the checksum of a file, as sha256: and hexadecimal digits.
func hashFile(ctx context.Context, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("ingot-verify: reading the image: %w", err)
	}
	defer file.Close()
	defer context.AfterFunc(ctx, func() { _ = file.Close() })()
	digest := sha256.New()
	if _, err := io.Copy(digest, file); err != nil {
		return "", errors.Join(ctx.Err(), fmt.Errorf("ingot-verify: reading the image: %w", err))
	}
	return "sha256:" + hex.EncodeToString(digest.Sum(nil)), nil
}
