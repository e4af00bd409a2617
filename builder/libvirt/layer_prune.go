package libvirt

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// cacheLimits is what a prune leaves. Zero values limit nothing.
type cacheLimits struct {
	size int64         // bytes of all data files that have a name
	age  time.Duration // since the last use; of downloads too
	all  bool          // leave only what builds use, and downloads
	dry  bool          // say what would go, and remove nothing
}

func (c *Config) cacheLimits() cacheLimits {
	return cacheLimits{size: int64(c.CacheSize) << 20, age: c.CacheAge}
}

// prune removes layers and images beyond the limits, those first that have not been used for the longest time; never one that a build or a
// layer needs. It also removes what no build can use: broken ones, and the data files of builds that are gone; and downloads beyond the
// limit of age. One line each through say.
func (s layerStore) prune(ctx context.Context, limits cacheLimits, say func(string)) error {
	p := &pruning{store: s, limits: limits, say: say, gone: map[string]bool{}}
	return errors.Join(p.removeLayers(ctx), p.removeDownloads(s.cache()))
}

func (p *pruning) removeLayers(ctx context.Context) error {
	if !exists(p.store.directory) {
		return nil
	}
	if err := p.store.locked(ctx, p.run); err != nil {
		return fmt.Errorf("removing layers: %w", err)
	}
	return p.removeData()
}
