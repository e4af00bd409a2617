package libvirt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// sourceImage is what `qemu-img info` says of the image that the build starts from.
type sourceImage struct {
	Path        string
	Checksum    string         // verified, or "none"
	Format      string         `json:"format"`
	VirtualSize int64          `json:"virtual-size"` // bytes
	ActualSize  int64          `json:"actual-size"`  // bytes on disk
	Backing     string         `json:"backing-filename"`
	Encrypted   bool           `json:"encrypted"`
	Specific    formatSpecific `json:"format-specific"`
}

type formatSpecific struct {
	Data struct {
		DataFile string `json:"data-file"`
	} `json:"data"`
}

// inspectImage reads the header of an image that may come from a stranger: only qcow2 and raw, and nothing that
// makes QEMU open another file.
func inspectImage(ctx context.Context, path string) (sourceImage, error) {
	image := sourceImage{Path: path}
	output, err := qemuImg(ctx, qemuImgDeadline, "info", "--output=json", path)
	if err != nil {
		return image, fmt.Errorf("reading its header: %w", err)
	}
	if err := json.Unmarshal(output, &image); err != nil {
		return image, fmt.Errorf("reading what qemu-img says of it: %w", err)
	}
	if image.Format != "qcow2" && image.Format != "raw" {
		return image, fmt.Errorf("must be a qcow2 or raw image, got %s", image.Format)
	}
	if image.Encrypted {
		return image, errors.New("must not be encrypted")
	}
	if image.Format == "raw" && !hasBootSector(path) {
		return image, errors.New("must be a disk image: it is no qcow2, and does not begin with a boot sector")
	}
	if image.Backing != "" || image.Specific.Data.DataFile != "" {
		return image, errors.New("must be complete in itself, but it refers to another file: " + image.Backing + image.Specific.Data.DataFile)
	}
	return image, nil
}

// hasBootSector looks for the signature that every partitioned disk has in its first sector, also with GPT; anything
// at all passes for a raw image otherwise.
func hasBootSector(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	signature := make([]byte, 2)
	_, err = f.ReadAt(signature, 510)
	return err == nil && signature[0] == 0x55 && signature[1] == 0xaa
}
