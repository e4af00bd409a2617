package verify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const auditFolder = "audit-" // begins the names of folders of audits

// newFolder makes a folder below parent that other audits leave alone as long as this process lives, and sweeps what dead ones left. One
// does that at a time: else a folder could be taken for a dead one's before it is locked.
func newFolder(ctx context.Context, parent string) (string, *os.File, error) {
	gate, err := os.Open(parent)
	if err != nil {
		return "", nil, err
	}
	defer gate.Close()
	if err := unix.Flock(int(gate.Fd()), unix.LOCK_EX); err != nil {
		return "", nil, err
	}
	sweep(ctx, parent)
	directory, err := os.MkdirTemp(parent, auditFolder)
	if err != nil {
		return "", nil, err
	}
	lock, err := os.Open(directory)
	if err == nil {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(directory))
	}
	return directory, lock, nil
}

// sweep removes what audits left that were killed: the raw file, which is large, and mounts of it. What cannot be removed stays.
func sweep(ctx context.Context, parent string) {
	folders, _ := filepath.Glob(filepath.Join(parent, auditFolder+"*"))
	for _, folder := range folders {
		lock, err := os.Open(folder)
		if err != nil {
			continue
		}
		if unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil && unmountBelow(ctx, folder) == nil {
			_ = os.RemoveAll(folder)
		}
		_ = lock.Close()
	}
}

// unmountBelow goes backwards: what was mounted last is above the others.
func unmountBelow(ctx context.Context, folder string) error {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return err
	}
	lines := strings.Split(string(mounts), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if fields := strings.Fields(lines[i]); len(fields) > 1 && strings.HasPrefix(fields[1], folder+"/") {
			if _, err := hostCommand(ctx, "umount", fields[1]); err != nil {
				return err
			}
		}
	}
	return nil
}
