package libvirt

import (
	"context"
	"encoding/json"
	"errors"
)

// buildLayers is the layers of one build: those that it starts from, and those that it makes. It is nil in a build without layers.
type buildLayers struct {
	store   layerStore
	digests []layerDigest // the source image's first, then one for each task file; the last is the image's
	chain   *layerChain   // from earlier builds; nil when there is nothing to start from
	cached  []string      // the task files in it
	build   string        // its id
	profile string

	disk       string // absolute path: what becomes of it is named by digests[depth]
	depth      int
	own        []string // data files that this build has made
	publishing *publishing
	imageKept  bool // in the cache
}

// openLayers names the layers of this build and makes room for them.
func (c *Config) openLayers(ctx context.Context, build string, say func(string)) (*buildLayers, error) {
	digests, err := c.layerDigests(ctx)
	if err != nil || len(digests) == 0 {
		return nil, err
	}
	store := c.layerStore()
	l := &buildLayers{store: store, digests: digests, build: build, profile: c.PackerBuildName}
	l.publishing = &publishing{ctx: ctx, store: store, say: say}
	return l, store.prepare()
}

// find looks for the layers of earlier builds. The last digest is the image's, which nothing stands on.
func (l *buildLayers) find(ctx context.Context, say func(string)) error {
	chain, err := l.store.deepest(ctx, l.digests[:l.last()], say)
	if err != nil || chain == nil {
		return err
	}
	l.chain, l.cached, l.depth = chain, chain.tasks(), chain.depth()
	return nil
}

func (l *buildLayers) last() int    { return len(l.digests) - 1 }
func (l *buildLayers) isLast() bool { return l.depth == l.last() }
func (l *buildLayers) task() string { return l.digests[l.depth].Task }

// isCached reports whether the guest starts from an earlier build's layer.
func (l *buildLayers) isCached() bool { return l != nil && l.chain != nil }

// tasksDone is IngotTasksDone: a JSON list of the task files that the guest's disk has.
func (l *buildLayers) tasksDone() string {
	text, _ := json.Marshal(append([]string{}, l.cached...)) // strings always have one
	return string(text)
}

// close waits for what is being published, lets go of the layers, and removes the data files that nobody may stand on.
func (l *buildLayers) close() error {
	published := l.publishing.wait()
	var errs []error
	if l.chain != nil {
		errs = append(errs, l.chain.Close())
	}
	for _, path := range l.own {
		if !published[path] {
			errs = append(errs, removeFiles("", path))
		}
	}
	return errors.Join(errs...)
}

// noteUse keeps image and layers from being the least recently used when the build needs none of them, since its output is there.
func (l *buildLayers) noteUse(ctx context.Context) error {
	return l.store.locked(ctx, func() error { return l.store.touch(l.image()) })
}
