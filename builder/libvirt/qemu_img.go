package libvirt

import (
	"bytes"
	"context"
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

// createOverlay makes a disk of size MiB whose unwritten clusters are those of the file below, whose path has to be absolute. The clusters
// are of the size of a file system's blocks: QEMU discards whole clusters only, and with the usual 64 KiB the bytes of deleted files would
// survive fstrim wherever a neighbour is in use. A discarded cluster reads as zeroes, whatever is below. -u leaves the file below
// unopened: a guest may be writing to it.
func createOverlay(ctx context.Context, path, below, format string, size int) error {
	_, err := qemuImg(ctx, qemuImgDeadline, "create", "-q", "-u", "-f", "qcow2", "-o", "cluster_size=4096,lazy_refcounts=on",
		"-b", below, "-F", format, path, strconv.Itoa(size)+"M")
	if err != nil {
		return err
	}
	return os.Chmod(path, 0o644) // the user that runs QEMU becomes its owner, and this one reads it then
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
