package libvirt

import (
	"fmt"
	"os"
	"path/filepath"

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
	lockFile = "lock"
	keepFile = "keep" // left by `-on-error=abort`: only an explicit gc removes it
)

func buildsDirectory(cache string) string { return filepath.Join(cache, "builds") }

// createBuildDirectory makes and locks a directory that only its owner can list; the user that runs QEMU may pass.
func createBuildDirectory(cache, source string) (*buildDirectory, error) {
	id := newBuildID(source)
	id.Directory = filepath.Join(buildsDirectory(cache), id.ID)
	if err := os.MkdirAll(buildsDirectory(cache), 0o755); err != nil {
		return nil, fmt.Errorf("cache_directory: making room for a build: %w", err)
	}
	release, err := lockBuilds(cache)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := os.Mkdir(id.Directory, 0o711); err != nil {
		return nil, fmt.Errorf("cache_directory: making room for a build: %w", err)
	}
	build := &buildDirectory{id: id, path: id.Directory, lock: flock.New(filepath.Join(id.Directory, lockFile))}
	if _, err := build.lock.TryLock(); err != nil {
		return nil, fmt.Errorf("cache_directory: locking build %s: %w", id.ID, err)
	}
	return build, nil
}

// lockBuilds keeps a sweep from seeing a directory between its creation and its locking.
func lockBuilds(cache string) (release func() error, err error) {
	lock := flock.New(filepath.Join(buildsDirectory(cache), ".lock"))
	if err := lock.Lock(); err != nil {
		return nil, fmt.Errorf("cache_directory: locking %s: %w", lock.Path(), err)
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
	diskFile      = "disk.qcow2"
	seedFile      = "seed.iso"
	consoleFile   = "console.log"
	ansibleFile   = "ansible.log" // written by the provisioner
	taskTimesFile = "tasks.json"  // written by the provisioner
)
