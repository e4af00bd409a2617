package libvirt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// layerStore is the folder <cache>/layers. A layer is <digest>.json, and a data file that is unique to the build which wrote it, so
// that two builds of the same layer never write to, or stand on, each other's. Who changes a JSON file holds the folder's lock, for
// milliseconds; who reads a data file holds a shared lock on it, and a data file is removed under an exclusive one.
type layerStore struct {
	directory string
	replace   bool // packer build -force: what is published takes the place of what is there
}

func (c *Config) layerStore() layerStore {
	store := storeOf(c.CacheDirectory)
	store.replace = c.PackerForce
	return store
}

// storeOf makes the path absolute: it gets into the headers of qcow2 files.
func storeOf(cache string) layerStore {
	directory, err := filepath.Abs(filepath.Join(cache, "layers"))
	if err != nil { // the working directory is gone: what follows fails with a better message
		directory = filepath.Join(cache, "layers")
	}
	return layerStore{directory: directory}
}

// cacheReason is why a build neither uses nor keeps layers; it is empty when it does.
func (c *Config) cacheReason() string {
	switch {
	case c.Cache == "off":
		return `cache is "off"`
	case c.Layers == "":
		return "the template gives no layers"
	case c.SourceChecksum == "none":
		return `source_checksum is "none", so nobody can tell one source image from another`
	}
	return ""
}

// prepare makes the folder; the user that runs QEMU may pass, and only its owner can list it.
func (s layerStore) prepare() error { return makePassable(s.directory, 0o711) }

// newFile is where a build puts its own data file for a layer, an absolute path. Nobody else uses the name; prepare makes the folder.
// What a build does not publish it removes itself; when it is killed, the next prune does.
func (s layerStore) newFile(digest, buildID string) string {
	return s.path(digest + "." + buildID + layerSuffix)
}

func (s layerStore) path(name string) string { return filepath.Join(s.directory, name) }

func (s layerStore) jsonPath(digest string) string { return s.path(digest + ".json") }

// storeDeadline is how long another process may change the folder.
const storeDeadline = time.Minute

// locked runs work as the only one, of all processes of this machine, that changes what is published.
func (s layerStore) locked(ctx context.Context, work func() error) error {
	lock := flock.New(s.path(".lock"))
	ctx, cancel := context.WithTimeout(ctx, storeDeadline)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); ctx.Err() != nil {
		return fmt.Errorf("cache_directory: waiting up to %s for another build to let go of %s: %w", storeDeadline, lock.Path(), ctx.Err())
	} else if err != nil {
		return fmt.Errorf("cache_directory: locking the layers: %w", err)
	}
	defer lock.Unlock() //nolint:errcheck // the lock ends with the process in any case
	return work()
}

// load reads a published layer; fs.ErrNotExist when there is none. Other errors say what is wrong with it.
func (s layerStore) load(digest string) (layer, error) {
	if _, err := stateOf(s.jsonPath(digest)); err != nil { // a named pipe would never end
		return layer{}, err
	}
	text, err := os.ReadFile(s.jsonPath(digest))
	if err != nil {
		return layer{}, err
	}
	return parseLayer(digest, text)
}

// write puts the layer under its name in one move. It is not synced: what a crash of the host cuts short is found out when it is used.
func (s layerStore) write(l layer) error {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	partial := s.jsonPath(l.Digest) + ".partial" // the folder's lock is held
	if err := os.WriteFile(partial, text, 0o600); err != nil {
		return errors.Join(err, removeFiles("", partial))
	}
	return os.Rename(partial, s.jsonPath(l.Digest))
}
