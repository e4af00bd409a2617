package libvirt

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// unsound tells what is wrong with layers as far as it can be seen without reading their data: a data file that is missing or of another
// size, a parent that is missing, another one than in the file's header, or a circle.
func (s layerStore) unsound(layers map[string]layer) map[string]error {
	found := map[string]error{}
	for _, digest := range slices.Sorted(maps.Keys(layers)) {
		if err := s.look(layers, digest, nil); err != nil && !errors.Is(err, fs.ErrPermission) {
			found[digest] = err
		}
	}
	return found
}

// look goes down to the source image; above are the digests on the way.
func (s layerStore) look(layers map[string]layer, digest string, above []string) error {
	l := layers[digest]
	if slices.Contains(above, digest) {
		return errors.New("the layers below it are a circle")
	}
	state, err := stateOf(s.path(l.File))
	if err != nil {
		return err
	}
	if state.size != l.Size {
		return fmt.Errorf("%s must be %d bytes, is %d", l.File, l.Size, state.size)
	}
	if l.isImage() {
		return nil
	}
	parent, found := layers[l.Parent]
	if l.Parent != "" && (!found || parent.isImage()) {
		return fmt.Errorf("it stands on layer %s, which is gone", short(l.Parent))
	}
	if err := s.checkPlace(l, parent); err != nil || l.Parent == "" {
		return err
	}
	if err := s.look(layers, l.Parent, append(above, digest)); err != nil {
		return fmt.Errorf("it stands on layer %s: %w", short(l.Parent), err)
	}
	return nil
}
