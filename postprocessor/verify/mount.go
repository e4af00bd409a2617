package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// disk is the image unpacked into a sparse file, so that its partitions can be looked at as they are.
type disk struct {
	directory  string // has the raw file and the mount points; goes when the disk is closed
	lock       *os.File
	raw        string
	partitions []partition
	mounted    []string // directories, in order
}

// openDisk unpacks the image into a new folder below parent, which needs room for all that the image holds.
func openDisk(ctx context.Context, image, parent string) (*disk, error) {
	directory, lock, err := newFolder(ctx, parent)
	if err != nil {
		return nil, err
	}
	d := &disk{directory: directory, lock: lock, raw: filepath.Join(directory, "image.raw")}
	if _, err = hostCommand(ctx, "qemu-img", "convert", "-O", "raw", image, d.raw); err == nil {
		d.partitions, err = readPartitions(ctx, d.raw)
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// mount shows an ext4 partition at a directory: read-only, and without replaying the journal, which would write.
func (d *disk) mount(ctx context.Context, p partition, directory string) error {
	options := fmt.Sprintf("ro,noload,nosuid,nodev,noexec,loop,offset=%d,sizelimit=%d", p.start, p.size)
	if _, err := hostCommand(ctx, "mount", "-t", "ext4", "-o", options, d.raw, directory); err != nil {
		return err
	}
	d.mounted = append(d.mounted, directory)
	return nil
}

// close unmounts everything, whatever has happened, and removes the folder.
func (d *disk) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the build may be cancelled already
	defer cancel()
	defer d.lock.Close()
	for i := len(d.mounted) - 1; i >= 0; i-- {
		if _, err := hostCommand(ctx, "umount", d.mounted[i]); err != nil {
			if _, lazy := hostCommand(ctx, "umount", "--lazy", d.mounted[i]); lazy != nil {
				return fmt.Errorf("%w; unmount it yourself, then remove %s", err, d.directory) // never remove what is below a mount point
			}
		}
	}
	return os.RemoveAll(d.directory)
}

// hostCommand returns what a program of the host prints; its error has the program's own words.
func hostCommand(ctx context.Context, name string, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Env = append(os.Environ(), "LC_ALL=C")
	output, err := command.Output()
	if err == nil {
		return output, nil
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return output, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
}
