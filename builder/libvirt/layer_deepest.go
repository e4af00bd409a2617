package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// deepest returns the longest chain of published layers that begins with digests[0], verified: size and checksum of all its files. What
// is broken is dropped together with all that stands on it, with one line each through say, and the chain ends below it. It is nil when
// there is no such layer. Close lets go of it. Under packer build -force it is the source image's layer alone, which is no work of a build,
// and on which the layers of other profiles stand.
func (s layerStore) deepest(ctx context.Context, digests []layerDigest, say func(string)) (*layerChain, error) {
	if !exists(s.directory) {
		return nil, nil // nobody has kept anything yet
	}
	if s.replace { // all but the source image is made anew
		digests = digests[:min(1, len(digests))]
	}
	chain := &layerChain{store: s}
	if err := s.locked(ctx, func() error { return chain.hold(digests, say) }); err != nil {
		return nil, errors.Join(fmt.Errorf("looking for layers: %w", err), chain.Close())
	}
	problems, err := s.verifyLayers(ctx, chain.layers)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("verifying layers: %w", err), chain.Close())
	}
	err = s.locked(ctx, func() error { return chain.use(problems, say) })
	if err != nil || len(chain.layers) == 0 {
		return nil, errors.Join(err, chain.Close())
	}
	return chain, nil
}

// hold locks layers from the bottom up until one is missing or does not fit.
func (c *layerChain) hold(digests []layerDigest, say func(string)) error {
	parent := layer{}
	for _, d := range digests {
		l, err := c.store.load(d.Digest)
		if err == nil {
			err = c.store.checkPlace(l, parent)
		}
		if err != nil {
			return c.store.drop(d.Digest, err, say)
		}
		lock, err := holdFile(c.store.path(l.File))
		if err != nil {
			return err
		}
		c.layers, c.locks, parent = append(c.layers, l), append(c.locks, lock), l
	}
	return nil
}

// checkPlace looks whether the layer stands on that parent (none for the source image), by the name in its header: a parent that was
// made anew has another data file, and what stood on the old one is lost.
func (s layerStore) checkPlace(l, parent layer) error {
	if l.Parent != parent.Digest {
		return fmt.Errorf("its description names the parent %q instead of %q", short(l.Parent), short(parent.Digest))
	}
	if l.Format == "raw" {
		return nil // the source image: it was looked into before it was kept
	}
	want := ""
	if parent.File != "" {
		want = s.path(parent.File)
	}
	got, err := backingFile(s.path(l.File))
	if err != nil {
		return fmt.Errorf("%s: %w", l.File, err)
	}
	if got != want {
		return fmt.Errorf("%s stands on %q instead of %q", l.File, got, want)
	}
	return nil
}

// holdFile keeps a data file from being removed until the lock is closed, or the process ends.
func holdFile(path string) (*flock.Flock, error) {
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	held, err := lock.TryRLock()
	if err == nil && !held {
		err = errors.New("it is being removed")
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return lock, nil
}

// use drops what is broken, and notes that the rest is in use.
func (c *layerChain) use(problems []error, say func(string)) error {
	for i, problem := range problems {
		if problem == nil {
			continue
		}
		if errors.Is(problem, fs.ErrPermission) {
			return problem // whatever it is, it is not broken
		}
		err := c.store.drop(c.layers[i].Digest, problem, say)
		if err := errors.Join(err, c.cut(i)); err != nil {
			return err
		}
		break
	}
	if len(c.layers) == 0 {
		return nil
	}
	if err := c.store.touch(c.layers[len(c.layers)-1].Digest); err != nil {
		say(err.Error())
	}
	return nil
}
