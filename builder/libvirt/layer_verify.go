package libvirt

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// verifyLayers reads the layers' data files, as many together as there are processors. The results are in the layers' order; an error in
// the second place means that nothing is known, since ctx ended.
func (s layerStore) verifyLayers(ctx context.Context, layers []layer) ([]error, error) {
	results := make([]error, len(layers))
	group := new(errgroup.Group)
	group.SetLimit(runtime.NumCPU())
	for i, l := range layers {
		group.Go(func() error {
			results[i] = s.verifyLayer(ctx, l)
			return context.Cause(ctx)
		})
	}
	return results, group.Wait()
}

func (s layerStore) verifyLayer(ctx context.Context, l layer) error {
	path := s.path(l.File)
	state, err := stateOf(path)
	if err != nil {
		return err
	}
	if state.size != l.Size {
		return fmt.Errorf("%s: must be %d bytes, is %d", path, l.Size, state.size)
	}
	if known, ok := verifiedFiles.Load(state); ok && known == l.Checksum {
		return nil
	}
	got, _, err := hashFile(ctx, path)
	if err != nil {
		return err
	}
	if got != l.Checksum {
		return fmt.Errorf("%w: %s: want %s, got %s", errMismatch, path, l.Checksum, got)
	}
	return nil
}
