package libvirt

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
)

// verifyCommand reads all that is kept, prints what is not as it was written, and fails if there is any.
func verifyCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := newCacheFlags("verify", out)
	if help, err := flags.parse(args); help || err != nil {
		return err
	}
	store := flags.store()
	layers, broken, err := store.all()
	if err != nil {
		return err
	}
	maps.Copy(broken, store.unsound(layers))
	seen := len(broken) // by a prune, too, which does not read the data
	verifiedFiles.Clear()
	sorted := slices.SortedFunc(maps.Values(layers), byLastUse)
	problems, err := store.verifyLayers(ctx, sorted)
	if err != nil {
		return err
	}
	var size int64
	for i, l := range sorted {
		size += l.Size
		err := cmp.Or(problems[i], broken[l.Digest])
		if err != nil && exists(store.jsonPath(l.Digest)) { // a prune may have removed it meanwhile
			broken[l.Digest] = fmt.Errorf("%s: %w", l, err)
		}
	}
	for _, digest := range slices.Sorted(maps.Keys(broken)) {
		fmt.Fprintf(out, "%s %v\n", short(digest), broken[digest])
	}
	fmt.Fprintf(out, "read %d layers and images, %s: %s\n", len(layers), mebibytes(size), verdict(len(broken)))
	if len(broken) > seen {
		return fmt.Errorf("%d broken; a build drops them when it meets them; to do so now, remove their .json files in %s, and run packer-plugin-ingot cache prune",
			len(broken), store.directory)
	}
	if len(broken) > 0 {
		return fmt.Errorf("%d broken; a build drops them when it meets them, packer-plugin-ingot cache prune does now", len(broken))
	}
	return nil
}

func verdict(broken int) string {
	if broken == 0 {
		return "none is broken"
	}
	return fmt.Sprintf("%d broken", broken)
}
