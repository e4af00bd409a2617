package libvirt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// aged is a cache with a download of that name that was last used so long ago.
func aged(t *testing.T, cache, name string, age time.Duration) string {
	t.Helper()
	path := filepath.Join(cache, name)
	write(t, path, "content")
	must(t, os.Chtimes(path, time.Now(), time.Now().Add(-age)))
	return path
}

// TestPruneOfDownloads removes what has its age, complete or not, and nothing that somebody uses or that is not a download.
func TestPruneOfDownloads(t *testing.T) {
	cache := t.TempDir()
	sum := func(digit string) string { return "sha256-" + strings.Repeat(digit, 64) }
	gone := []string{
		aged(t, cache, "images/"+sum("1")+".img", 41*day), aged(t, cache, "images/unverified-"+strings.Repeat("2", 64)+".img", 40*day),
		aged(t, cache, "artifacts/"+sum("3"), 39*day), aged(t, cache, "artifacts/"+sum("4")+".partial", 38*day),
	}
	busy := aged(t, cache, "artifacts/"+sum("5")+".partial", 40*day)
	stay := []string{
		busy, aged(t, cache, "artifacts/"+sum("6"), 20*day), aged(t, cache, "artifacts/thesis.txt", 40*day),
		aged(t, cache, "images/"+sum("1")+".img.lock", 40*day), aged(t, cache, "builds/"+sum("7"), 40*day),
	}
	lock := flock.New(filepath.Join(cache, "artifacts", sum("5")) + ".lock")
	must(t, lock.Lock())
	defer lock.Close()
	s := storeOf(cache)
	for _, limits := range []cacheLimits{{}, {all: true}, {size: 1}, {age: 30 * day, dry: true}} {
		var said lines
		must(t, s.prune(t.Context(), limits, said.say))
		for _, path := range append(gone, stay...) {
			if !exists(path) {
				t.Errorf("%+v removed %s", limits, path)
			}
		}
	}
	var said lines
	must(t, s.prune(t.Context(), cacheLimits{age: 30 * day}, said.say))
	for i, path := range gone {
		if want := "removed download " + filepath.Base(path) + ": 0 MiB, last used "; exists(path) || i >= len(said) || !strings.HasPrefix(said[i], want) {
			t.Errorf("%s is there: %t; said %q", path, exists(path), said)
		}
	}
	for _, path := range stay {
		if !exists(path) {
			t.Errorf("removed %s", path)
		}
	}
}

// TestUseOfADownload keeps it, and leaves the file behind a link as it is.
func TestUseOfADownload(t *testing.T) {
	content := contentOf("fzf")
	file := pinnedFile{Name: "fzf", URL: "http://127.0.0.1:1/fzf.bin", Checksum: sumOf(content)}
	for _, link := range []bool{false, true} {
		c := pins(t, t.TempDir(), file)
		path := aged(t, c.CacheDirectory, "artifacts/"+cacheName(file.Checksum), 40*day)
		must(t, os.WriteFile(path, content, 0o600))
		if link {
			must(t, os.Rename(path, path+".elsewhere"))
			must(t, os.Symlink(path+".elsewhere", path))
			path += ".elsewhere"
		}
		must(t, os.Chtimes(path, time.Now(), time.Now().Add(-40*day)))
		_, err := c.fetchForTest(t, t.Context(), testUI(t))
		must(t, err)
		must(t, storeOf(c.CacheDirectory).prune(t.Context(), cacheLimits{age: 30 * day}, func(line string) { t.Error(line) }))
		if info, err := os.Stat(path); err != nil || time.Since(info.ModTime()) > 30*day != link {
			t.Errorf("link %t: %v, %v", link, info.ModTime(), err)
		}
	}
}
