package libvirt

import (
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// uses tells which layers builds need. A build needs what it holds a lock on, what it has published, and what the disks of its guest stand
// on: the last also when it is kept for inspection, and no process lives.
type uses struct {
	store   layerStore
	live    map[string]bool // build ids that were asked for
	backing map[string]bool // names of data files
}

// uses looks at the disks of builds, running or kept. Only builds that have disks are asked whether they live: those have their lock.
func (s layerStore) uses() uses {
	u := uses{store: s, live: map[string]bool{}, backing: map[string]bool{}}
	disks, _ := filepath.Glob(filepath.Join(s.builds(), "*", "*.qcow2")) // the pattern is right
	for _, disk := range disks {
		u.note(filepath.Base(filepath.Dir(disk)), disk)
	}
	for _, name := range s.dataFiles() {
		u.note(dataPattern.FindStringSubmatch(name)[2], s.path(name))
	}
	return u
}

// note follows a disk's chain down to the source image.
func (u uses) note(buildID, disk string) {
	if !u.lives(buildID) {
		return
	}
	for {
		below, err := backingFile(disk)
		name := filepath.Base(below)
		if err != nil || filepath.Dir(below) != u.store.directory || u.backing[name] {
			return
		}
		u.backing[name], disk = true, below
	}
}

// of reports whether a build needs the layer.
func (u uses) of(l layer) bool {
	return u.backing[l.File] || u.lives(l.buildID()) || isHeld(u.store.path(l.File))
}

// lives reports whether the build runs, or is kept for inspection.
func (u uses) lives(buildID string) bool {
	live, asked := u.live[buildID]
	if !asked {
		live = !orphaned(filepath.Join(u.store.builds(), buildID), false)
		u.live[buildID] = live
	}
	return live
}

func (s layerStore) builds() string { return buildsDirectory(s.cache()) }

func (s layerStore) cache() string { return filepath.Dir(s.directory) }

// isHeld reports whether a process holds a lock on the data file.
func isHeld(path string) bool {
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	defer lock.Close()
	free, err := lock.TryLock()
	return !free && !os.IsNotExist(err)
}
