package libvirt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// buildDirectory holds the files of one running build. Its lock is held as long as the build's process lives,
// so a build whose lock is free is orphaned, whatever ended it.
type buildDirectory struct {
	id   buildID
	path string
	lock *flock.Flock
}

const (
	lockFile   = "lock"
	markerFile = "ingot-build" // only a directory with this file is ever removed by a sweep
	keepFile   = "keep"        // left by `-on-error=abort`: only an explicit gc removes it
)

func buildsDirectory(cache string) string { return filepath.Join(cache, "builds") }

// createBuildDirectory makes and locks a directory that only its owner can list; the user that runs QEMU may pass.
func createBuildDirectory(ctx context.Context, cache, source string) (*buildDirectory, error) {
	id := newBuildID(source)
	id.Directory = filepath.Join(buildsDirectory(cache), id.ID)
	if err := makePassable(buildsDirectory(cache), 0o755); err != nil {
		return nil, err
	}
	release, err := lockBuilds(ctx, cache)
	if err != nil {
		return nil, err
	}
	defer release() //nolint:errcheck // the lock ends with the process in any case
	if err := makePassable(id.Directory, 0o711); err != nil {
		return nil, err
	}
	build := &buildDirectory{id: id, path: id.Directory, lock: flock.New(filepath.Join(id.Directory, lockFile))}
	if held, err := build.lock.TryLock(); err != nil || !held {
		return nil, fmt.Errorf("cache_directory: locking build %s: %w", id.ID, err)
	}
	if err := os.WriteFile(build.file(markerFile), []byte(source), 0o600); err != nil {
		return nil, fmt.Errorf("cache_directory: marking build %s: %w", id.ID, err)
	}
	return build, nil
}

// makePassable makes a directory with that mode whatever the umask is: the user that runs QEMU must get through.
func makePassable(directory string, mode os.FileMode) error {
	if err := errors.Join(os.MkdirAll(directory, mode), os.Chmod(directory, mode)); err != nil {
		return fmt.Errorf("cache_directory: making room for a build: %w", err)
	}
	return nil
}

func isBuildDirectory(path string) bool {
	return idPattern.MatchString(filepath.Base(path)) && exists(filepath.Join(path, markerFile))
}

// sweepDeadline is how long a sweep by another build may take.
const sweepDeadline = time.Minute

// lockBuilds keeps a sweep from seeing a directory between its creation and its locking.
func lockBuilds(ctx context.Context, cache string) (release func() error, err error) {
	lock := flock.New(filepath.Join(buildsDirectory(cache), ".lock"))
	ctx, cancel := context.WithTimeout(ctx, sweepDeadline)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); ctx.Err() != nil {
		return nil, fmt.Errorf("cache_directory: waiting up to %s for another build to let go of %s: %w", sweepDeadline, lock.Path(), ctx.Err())
	} else if err != nil {
		return nil, fmt.Errorf("cache_directory: locking the builds: %w", err)
	}
	return lock.Unlock, nil
}

func (b *buildDirectory) file(name string) string { return filepath.Join(b.path, name) }

// remove forgets the build.
func (b *buildDirectory) remove() error {
	defer b.lock.Close()
	return os.RemoveAll(b.path)
}

// keep marks the directory for a person to look at.
func (b *buildDirectory) keep() error {
	defer b.lock.Close()
	return os.WriteFile(b.file(keepFile), nil, 0o600)
}

const (
	sourceFile     = "source.img"
	artifactsFiles = "artifacts" // a folder; becomes artifacts.iso
	artifactsFile  = "artifacts.iso"
	diskFile       = "disk.qcow2"
	seedFile       = "seed.iso"
	consoleFile    = "console.log"
	ansibleFile    = "ansible.log" // written by the provisioner
	taskTimesFile  = "tasks.json"  // written by the provisioner

	checkpointSocket = "checkpoint" // for provisioners
)
