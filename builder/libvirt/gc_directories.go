package libvirt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func sweepDirectories(cache string, kept bool) (removed []string, err error) {
	entries, err := os.ReadDir(buildsDirectory(cache))
	if err != nil {
		return nil, fmt.Errorf("cache_directory: looking for orphaned builds: %w", err)
	}
	var errs []error
	for _, entry := range entries {
		path := filepath.Join(buildsDirectory(cache), entry.Name())
		if !entry.IsDir() || !isBuildDirectory(path) || !orphaned(path, kept) {
			continue
		}
		if err := errors.Join(removeStaging(path), os.RemoveAll(path)); err != nil {
			errs = append(errs, fmt.Errorf("removing orphaned build %s: %w", path, err))
			continue
		}
		removed = append(removed, "directory "+path+" of an orphaned build")
	}
	return removed, errors.Join(errs...)
}

// removeStaging removes the incomplete image that the orphaned build noted. It follows the note only to a name that
// no one but that build gives.
func removeStaging(directory string) error {
	note, err := os.ReadFile(filepath.Join(directory, stagingNote))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || filepath.Base(string(note)) != stagingName(filepath.Base(directory)) {
		return err
	}
	return os.RemoveAll(string(note))
}
