package libvirt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// qemuImgDeadline is for the commands that only touch an image's header.
const qemuImgDeadline = time.Minute

// sourceImage is what `qemu-img info` says of the image that the build starts from.
type sourceImage struct {
	Path        string
	Checksum    string         // verified, or "none"
	File        os.FileInfo    // of the moment in which it was verified
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
	file, err := os.Stat(path)
	if err != nil {
		return sourceImage{}, err
	}
	image := sourceImage{Path: path, File: file}
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

// unchanged reports whether the file is still the one that was verified: the disk reads from it until the export is done.
func (s sourceImage) unchanged() error {
	now, err := os.Stat(s.Path)
	if err != nil {
		return fmt.Errorf("looking at it again: %w", err)
	}
	if !os.SameFile(s.File, now) || now.Size() != s.File.Size() || !now.ModTime().Equal(s.File.ModTime()) {
		return errors.New("was replaced or changed while the image was built on it; build again")
	}
	return nil
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

// createOverlay makes a disk of size MiB whose unwritten clusters are the source's. The clusters are of the size of a file
// system's blocks: QEMU discards whole clusters only, and with the usual 64 KiB the bytes of deleted files would survive
// fstrim wherever a neighbour is in use.
func createOverlay(ctx context.Context, path string, source sourceImage, size int) error {
	_, err := qemuImg(ctx, qemuImgDeadline, "create", "-q", "-f", "qcow2", "-o", "cluster_size=4096,lazy_refcounts=on",
		"-b", source.Path, "-F", source.Format, path, strconv.Itoa(size)+"M")
	return err
}

// qemuImg runs qemu-img and returns what it prints; a failure carries its message.
func qemuImg(ctx context.Context, deadline time.Duration, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, deadline, fmt.Errorf("qemu-img %s did not end within %s", args[0], deadline))
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, "qemu-img", args...)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, commandError(ctx, err, stderr.String())
	}
	return stdout.Bytes(), nil
}

// commandError prefers the reason for which ctx ended a program over "signal: killed", and its message over its status.
func commandError(ctx context.Context, err error, stderr string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if message := strings.TrimSpace(stderr); message != "" {
		return errors.New(message)
	}
	return err
}
