package libvirt

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"
)

// downloadPattern are the files in <cache>/images and <cache>/artifacts. Of the empty .lock beside each the name stays: who waits for one
// that is removed would be let in together with who makes it anew.
var downloadPattern = regexp.MustCompile(`^(sha256-[0-9a-f]{64}|sha512-[0-9a-f]{128}|unverified-[0-9a-f]{64})(\.img)?(\.partial)?$`)

// cachedDownload is a file, complete or not, that a build may not have to download again.
type cachedDownload struct {
	path string
	size int64     // bytes
	used time.Time // its time of modification
}

// noteUse is kept where it costs nothing, in the time of modification: of the link, if somebody has put one there.
func (d download) noteUse() {
	now := unix.NsecToTimespec(time.Now().UnixNano())
	_ = unix.UtimesNanoAt(unix.AT_FDCWD, d.cached, []unix.Timespec{now, now}, unix.AT_SYMLINK_NOFOLLOW) // another user's is removed earlier
}

// downloadsOf are those of a cache, the least recently used first.
func downloadsOf(cache string) []cachedDownload {
	var found []cachedDownload
	for _, folder := range []string{"images", "artifacts"} {
		entries, _ := os.ReadDir(filepath.Join(cache, folder)) // none can be seen: none is removed
		for _, entry := range entries {
			info, err := entry.Info()
			if err == nil && !entry.IsDir() && downloadPattern.MatchString(entry.Name()) {
				found = append(found, cachedDownload{path: filepath.Join(cache, folder, entry.Name()), size: info.Size(), used: info.ModTime()})
			}
		}
	}
	slices.SortFunc(found, func(a, b cachedDownload) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path)) })
	return found
}

// removeDownloads removes those that no build has used for so long. Builds have their own copies, or links.
func (p *pruning) removeDownloads(cache string) error {
	var errs []error
	for _, d := range downloadsOf(cache) {
		if p.limits.age > 0 && time.Since(d.used) > p.limits.age {
			errs = append(errs, p.removeDownload(d))
		}
	}
	return errors.Join(errs...)
}

// removeDownload leaves a file to the build that is bringing it.
func (p *pruning) removeDownload(d cachedDownload) error {
	lock := flock.New(lockOf(d.path))
	defer lock.Close()
	if free, err := lock.TryLock(); err != nil || !free {
		return nil //nolint:nilerr // the next prune looks again
	}
	if info, err := os.Lstat(d.path); err != nil || !info.ModTime().Equal(d.used) {
		return nil //nolint:nilerr // a build has used it meanwhile, or another prune has removed it
	}
	if !p.limits.dry {
		if err := os.Remove(d.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	p.tell(fmt.Sprintf("download %s: %s, last used %s ago", filepath.Base(d.path), mebibytes(d.size), ageOf(d.used)))
	return nil
}
