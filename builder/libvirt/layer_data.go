package libvirt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// dataFiles are the names of all data files, published or not. What is no file is not ours; a named pipe would never open.
func (s layerStore) dataFiles() []string {
	entries, _ := os.ReadDir(s.directory) // none can be seen: none is removed
	var names []string
	for _, entry := range entries {
		if entry.Type().IsRegular() && dataPattern.MatchString(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names
}

// removeData removes the data files that have no name any more, or never got one, and whose build is gone. A build that is gone gives no
// names, so a file that has none now never will.
func (p *pruning) removeData() error {
	var errs []error
	for _, name := range p.store.dataFiles() {
		if p.uses.lives(dataPattern.FindStringSubmatch(name)[2]) || p.uses.backing[name] || p.store.isNamed(name) {
			continue
		}
		errs = append(errs, p.removeFile(name))
	}
	return errors.Join(errs...)
}

// isNamed reports whether a published layer names the data file, or might: a broken description is removed first.
func (s layerStore) isNamed(file string) bool {
	l, err := s.load(dataPattern.FindStringSubmatch(file)[1])
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return l.File == file
}

// removeFile removes a data file that no process reads.
func (p *pruning) removeFile(name string) error {
	path := p.store.path(name)
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	defer lock.Close()
	if free, err := lock.TryLock(); err != nil || !free {
		return nil //nolint:nilerr // somebody reads it, or has removed it: the next prune looks again
	}
	size := sizeOf(path)
	if !p.limits.dry {
		if err := removeFiles("", path); err != nil {
			return err
		}
	}
	if !p.gone[name] {
		p.tell(fmt.Sprintf("%s of a build that is gone: %s", name, mebibytes(size)))
	}
	return nil
}
