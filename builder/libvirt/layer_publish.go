package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// errLost means that another build has published the same digest, or the layer below, meanwhile; nothing is replaced. The loser's
// data files stay its own, and nothing that stands on them can be published either.
var errLost = errors.New("another build was faster")

// publish gives the layer its name; File, in newFile's place, must be closed for writing by everybody. Digest, Parent, File, Checksum,
// Size (both from hashFile), Task and Profile are needed, Format where it is not qcow2. A layer's parent is published before it. The
// build holds what it has published as long as its directory's lock is held.
func (s layerStore) publish(ctx context.Context, l layer) error {
	setDefault(&l.Format, "qcow2")
	setDefault(&l.Created, time.Now().UTC().Truncate(time.Second))
	setDefault(&l.LastUsed, l.Created)
	err := s.locked(ctx, func() error {
		if err := s.makeWay(l); err != nil {
			return err
		}
		if err := s.checkNew(l); err != nil {
			return err
		}
		return s.write(l)
	})
	if err != nil {
		return fmt.Errorf("keeping %s: %w", l, err)
	}
	return nil
}

// makeWay refuses a digest that has an owner, or takes it away under packer build -force.
func (s layerStore) makeWay(l layer) error {
	if !exists(s.jsonPath(l.Digest)) {
		return nil
	}
	if !s.replace {
		return errLost
	}
	return s.drop(l.Digest, errors.New("replaced"), func(string) {})
}

// checkNew keeps a build from publishing what no build could use.
func (s layerStore) checkNew(l layer) error {
	if err := l.check(l.Digest); err != nil {
		return err
	}
	state, err := stateOf(s.path(l.File))
	if err != nil {
		return err
	}
	if state.size != l.Size {
		return fmt.Errorf("%s: was %d bytes when it was read, is %d", l.File, l.Size, state.size)
	}
	if l.isImage() {
		return nil
	}
	var parent layer
	if l.Parent != "" {
		if parent, err = s.load(l.Parent); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if l.Parent != parent.Digest || s.checkPlace(l, parent) != nil {
		return fmt.Errorf("%w: the layer below is not the one that is published", errLost)
	}
	return nil
}
