package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// cachedImage is an exported image in the cache, with the files that belong to it. As long as it is open, nobody removes it.
type cachedImage struct {
	layer
	path string // absolute
	lock *flock.Flock
}

// lookupImage returns the image of a digest, verified, or nil when there is none, and under packer build -force. A broken one is dropped with a line through say.
func (s layerStore) lookupImage(ctx context.Context, digest string, say func(string)) (*cachedImage, error) {
	if s.replace || !exists(s.jsonPath(digest)) {
		return nil, nil
	}
	var image *cachedImage
	if err := s.locked(ctx, func() (err error) { image, err = s.holdImage(digest, say); return err }); err != nil || image == nil {
		return nil, err
	}
	problem := s.verifyLayer(ctx, image.layer)
	if ctx.Err() != nil || errors.Is(problem, fs.ErrPermission) {
		return nil, errors.Join(problem, image.Close())
	}
	if problem != nil {
		return nil, errors.Join(image.Close(), s.dropImage(ctx, image, problem, say))
	}
	if err := s.locked(ctx, func() error { return s.touch(digest) }); err != nil {
		say(err.Error())
	}
	return image, nil
}

func (s layerStore) holdImage(digest string, say func(string)) (*cachedImage, error) {
	l, err := s.load(digest)
	if err == nil && !l.isImage() {
		err = errors.New("it is a layer")
	}
	if err == nil {
		_, err = stateOf(s.path(l.File))
	}
	if err != nil {
		return nil, s.drop(digest, err, say)
	}
	lock, err := holdFile(s.path(l.File))
	return &cachedImage{layer: l, path: s.path(l.File), lock: lock}, err
}

// dropImage takes a broken image's name away.
func (s layerStore) dropImage(ctx context.Context, image *cachedImage, problem error, say func(string)) error {
	return s.locked(ctx, func() error { return s.drop(image.Digest, problem, say) })
}

// Close lets go of the image.
func (i *cachedImage) Close() error { return i.lock.Close() }

// publishImage keeps a copy of the exported image, from, and the files that belong to it, by name. The layer is as for publish, without
// File; its Parent is the layer that the image came from.
func (s layerStore) publishImage(ctx context.Context, image layer, buildID, from string, files map[string][]byte) error {
	image.File = image.Digest + "." + buildID + imageSuffix
	image.Files, image.FilesSum = files, filesSum(files)
	if !s.replace && exists(s.jsonPath(image.Digest)) {
		return fmt.Errorf("keeping %s: %w", image, errLost)
	}
	path := s.path(image.File)
	err := cloneFile(ctx, from, path)
	if err == nil {
		err = s.publish(ctx, image)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(path))
	}
	return nil
}
