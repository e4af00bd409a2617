package libvirt

import (
	"context"
	"fmt"
	"io"
)

// pruneCommand applies the builder's default limits, or those that are given.
func pruneCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := newCacheFlags("prune", out)
	var limits cacheLimits
	flags.BoolVar(&limits.all, "all", false, "remove all layers and images that no running build uses; downloads stay")
	flags.DurationVar(&limits.age, "older", 0, "remove what has not been used for this long, such as 48h; downloads too")
	size := flags.Int("size", 0, "remove the least recently used until at most this many `MiB` are left")
	flags.BoolVar(&limits.dry, "dry-run", false, "only say what would be removed")
	if help, err := flags.parse(args); help || err != nil {
		return err
	}
	if limits.age < 0 || *size < 0 {
		return fmt.Errorf("-older and -size: must not be negative, got %s and %d", limits.age, *size)
	}
	limits.size = int64(*size) << 20
	if !limits.all && limits.age == 0 && limits.size == 0 {
		limits.age, limits.size = defaultCacheAge, defaultCacheSize<<20
		fmt.Fprintf(out, "limits: not used for %s, or more than %d MiB (-all, -older and -size set others)\n", defaultCacheAge, defaultCacheSize)
	}
	removed := 0
	err := flags.store().prune(ctx, limits, func(line string) {
		removed++
		fmt.Fprintln(out, line)
	})
	if removed == 0 && err == nil {
		fmt.Fprintln(out, "there is nothing to remove")
	}
	return err
}
