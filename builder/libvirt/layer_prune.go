package libvirt

import (
	"context"
	"fmt"
	"time"
)

// cacheLimits is what a prune leaves. Zero values limit nothing.
type cacheLimits struct {
	size int64         // bytes of all data files that have a name
	age  time.Duration // since the last use
	all  bool          // leave only what builds use
	dry  bool          // say what would go, and remove nothing
}

func (c *Config) cacheLimits() cacheLimits {
	return cacheLimits{size: int64(c.CacheSize) << 20, age: c.CacheAge}
}

// prune removes layers and images beyond the limits, those first that have not been used for the longest time; never one that a build or a
// layer needs. It also removes what no build can use: broken ones, and the data files of builds that are gone. One line each through say.
func (s layerStore) prune(ctx context.Context, limits cacheLimits, say func(string)) error {
	if !exists(s.directory) {
		return nil
	}
	p := &pruning{store: s, limits: limits, say: say, gone: map[string]bool{}}
	if err := s.locked(ctx, p.run); err != nil {
		return fmt.Errorf("removing layers: %w", err)
	}
	return p.removeData()
}
