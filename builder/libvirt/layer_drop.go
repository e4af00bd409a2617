package libvirt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// drop takes a broken or missing layer's name away, and that of all layers that stand on it, with one line each. Images stand on
// nothing. The data files go with the next prune. The folder's lock is held.
func (s layerStore) drop(digest string, problem error, say func(string)) error {
	layers, _, err := s.all()
	if err != nil {
		return err
	}
	if exists(s.jsonPath(digest)) {
		l, known := layers[digest]
		if !known {
			l = layer{Digest: digest, Task: "unknown"}
		}
		if err := os.Remove(s.jsonPath(digest)); err != nil {
			return err
		}
		say(fmt.Sprintf("dropped %s: %v", l, problem))
	}
	delete(layers, digest)
	return s.dropAbove(digest, layers, say)
}

func (s layerStore) dropAbove(digest string, layers map[string]layer, say func(string)) error {
	var errs []error
	for _, l := range layers {
		if l.Parent != digest || l.isImage() {
			continue
		}
		delete(layers, l.Digest) // a cycle ends here
		if err := os.Remove(s.jsonPath(l.Digest)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
			continue
		}
		say(fmt.Sprintf("dropped %s: it stands on layer %s", l, short(digest)))
		errs = append(errs, s.dropAbove(l.Digest, layers, say))
	}
	return errors.Join(errs...)
}

// touch notes that a build uses a layer or image and all that is below. The folder's lock is held. A build goes on after an error, which
// only means that others may be kept longer.
func (s layerStore) touch(digest string) error {
	now := time.Now().UTC().Truncate(time.Second)
	for seen := map[string]bool{}; digest != "" && !seen[digest]; {
		seen[digest] = true
		l, err := s.load(digest)
		if err != nil {
			return nil //nolint:nilerr // below an image layers may be missing
		}
		l.LastUsed, l.Hits = now, l.Hits+1
		if err := s.write(l); err != nil {
			return fmt.Errorf("the use of %s could not be noted: %w", l, err)
		}
		digest = l.Parent
	}
	return nil
}
