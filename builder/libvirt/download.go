package libvirt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// download is a file that is fetched once and then kept in the cache: the source image, or an artifact.
type download struct {
	name     string // how messages begin: the attribute, and the pin
	url      string // the publisher's
	from     string // where it is fetched: url, or its mirror
	checksum string // `none` means that it is fetched each time
	cached   string // path in the cache
	timeout  time.Duration
	ui       packersdk.Ui
	hint     string                                       // what to do without a route to the publisher
	place    func(from, to string) error                  // from the cache into the build's directory
	inspect  func(ctx context.Context, path string) error // looks into a new file before it is kept
}

// bring puts the file at path, in the build's directory, and verifies it there. A cached file that has changed is fetched
// again, once. The lock keeps builds that need the same file from doing so together.
func (d download) bring(ctx context.Context, path string) error {
	err := d.locked(ctx, func(limited context.Context) error {
		if err := d.checkCached(); err != nil {
			return err
		}
		for again := false; ; again = true {
			kept := d.kept()
			if !kept {
				if err := d.get(limited); err != nil {
					return err
				}
			}
			if err := d.place(d.cached, path); err != nil {
				return fmt.Errorf("bringing it into the build's directory: %w", err)
			}
			d.noteUse()
			err := verifyFile(path, d.checksum)
			if err == nil || !kept || again {
				return err
			}
			d.ui.Say(fmt.Sprintf("%s: the cached file %s has changed since it was downloaded; fetching it again", d.name, d.cached))
			if err := os.Remove(d.cached); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return fmt.Errorf("%s: %s: %w", d.name, d.shown(), err)
	}
	return nil
}

// locked runs work as the only one, of all builds of this machine, that touches the file in the cache.
func (d download) locked(ctx context.Context, work func(context.Context) error) error {
	if err := os.MkdirAll(filepath.Dir(d.cached), 0o755); err != nil {
		return fmt.Errorf("cache_directory: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d.timeout, fmt.Errorf("not complete within download_timeout (%s)", d.timeout))
	defer cancel()
	lock := flock.New(lockOf(d.cached))
	if free, err := lock.TryLock(); err == nil && !free {
		d.ui.Say(d.name + ": another build downloads the same file; waiting for it")
	}
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); ctx.Err() != nil {
		return fmt.Errorf("waiting for another build that downloads the same file: %w", context.Cause(ctx))
	} else if err != nil {
		return fmt.Errorf("cache_directory: locking the download: %w", err)
	}
	defer lock.Unlock() //nolint:errcheck // the lock ends with the process in any case
	return work(ctx)
}

// lockOf is the lock of a file in the cache; it is that of its .partial too.
func lockOf(cached string) string { return strings.TrimSuffix(cached, ".partial") + ".lock" }

// checkCached keeps a build from waiting for somebody to write to a named pipe, or from writing through a link.
func (d download) checkCached() error {
	for path, look := range map[string]func(string) (os.FileInfo, error){d.cached: os.Stat, d.cached + ".partial": os.Lstat} {
		if info, err := look(path); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("cache_directory: %s must be a file that Ingot downloaded, it is something else (%s); move it away", path, info.Mode())
		}
	}
	return nil
}

// kept reports whether no network is needed.
func (d download) kept() bool { return d.checksum != "none" && exists(d.cached) }

// shown is the URL, and the mirror in use.
func (d download) shown() string {
	if d.from == d.url {
		return redacted(d.url)
	}
	return redacted(d.url) + " (from " + redacted(d.from) + ")"
}

// cacheName is named by what the file must be.
func cacheName(checksum string) string { return strings.ReplaceAll(checksum, ":", "-") }
