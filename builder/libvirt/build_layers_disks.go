package libvirt

import (
	"context"
	"fmt"
	"path/filepath"
)

// newFile is the build's own data file for a digest; it goes when the build is over unless it is published. It has its final name from the
// beginning, since the disks that stand on it name it.
func (l *buildLayers) newFile(digest string) (string, error) {
	path := l.store.newFile(digest, l.build)
	if err := removeFiles("", path); err != nil { // of an attempt that -on-error=ask retries
		return "", fmt.Errorf("cache_directory: making room for a layer: %w", err)
	}
	l.own = append(l.own, path)
	return path, nil
}

// sourceFile is where the source image is brought to.
func (l *buildLayers) sourceFile() (string, error) { return l.newFile(l.digests[0].Digest) }

// keepSource publishes the source image, verified, as the layer that all others stand on.
func (l *buildLayers) keepSource(source sourceImage) {
	l.disk, l.depth = source.Path, 0
	l.publishing.add(source.Path, l.layer(source.Format))
}

// source is the source image as an earlier build has kept it.
func (l *buildLayers) source(checksum string) sourceImage {
	below := l.chain.layers[0]
	return sourceImage{Path: l.store.path(below.File), Format: below.Format, Checksum: checksum}
}

// firstDisk makes the disk that the guest starts with: an overlay on the last cached layer, else on the source image.
func (l *buildLayers) firstDisk(ctx context.Context, source sourceImage, size int) (path string, err error) {
	below, format := source.Path, source.Format
	l.depth = 1
	if l.isCached() {
		below, format = l.chain.top()
		l.depth = l.chain.depth()
	}
	if l.disk, err = l.newFile(l.digests[l.depth].Digest); err != nil {
		return "", err
	}
	return l.disk, createOverlay(ctx, l.disk, below, format, size)
}

// nextDisk makes the disk that the guest goes on with after a checkpoint.
func (l *buildLayers) nextDisk(ctx context.Context, size int) (string, error) {
	path, err := l.newFile(l.digests[l.depth+1].Digest)
	if err != nil {
		return "", err
	}
	if err := createOverlay(ctx, path, l.disk, "qcow2", size); err != nil {
		return "", fmt.Errorf("creating the disk that the guest goes on with: %w", err)
	}
	return path, nil
}

// keep publishes the disk that the guest has written to until now; from now on it writes to next.
func (l *buildLayers) keep(next string) {
	l.publishing.add(l.disk, l.layer("qcow2"))
	l.disk, l.depth = next, l.depth+1
}

// layer describes what the disk has become, but for its content.
func (l *buildLayers) layer(format string) layer {
	described := layer{
		Digest: l.digests[l.depth].Digest, Task: l.digests[l.depth].Task,
		File: filepath.Base(l.disk), Format: format, Profile: l.profile,
	}
	if l.depth > 0 {
		described.Parent = l.digests[l.depth-1].Digest
	}
	return described
}
