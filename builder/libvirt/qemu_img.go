package libvirt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	Format      string         `json:"format"`
	VirtualSize int64          `json:"virtual-size"` // bytes
	ActualSize  int64          `json:"actual-size"`  // bytes on disk
	Backing     string         `json:"backing-filename"`
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
	if image.Backing != "" || image.Specific.Data.DataFile != "" {
		return image, errors.New("must be complete in itself, but it refers to another file: " + image.Backing + image.Specific.Data.DataFile)
	}
	return image, nil
}

// createOverlay makes a disk of size MiB whose unwritten clusters are the source's.
func createOverlay(ctx context.Context, path string, source sourceImage, size int) error {
	_, err := qemuImg(ctx, qemuImgDeadline, "create", "-q", "-f", "qcow2", "-o", "lazy_refcounts=on",
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
