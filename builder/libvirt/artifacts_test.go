package libvirt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"
)

// pins is a configuration with the given artifacts: name to URL and content.
func pins(t *testing.T, cache string, files ...pinnedFile) *Config {
	t.Helper()
	object := map[string]map[string]string{}
	for _, f := range files {
		object[f.Name] = map[string]string{"version": "1.0", "url": f.URL, "checksum": f.Checksum}
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	c, err := testConfig(t, map[string]any{"artifacts": string(text), "cache_directory": cache, "download_timeout": "30s"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *Config) fetchForTest(t *testing.T, ctx context.Context, ui *recordingUI) (folder string, err error) {
	t.Helper()
	files, err := c.pinnedFiles()
	if err != nil {
		t.Fatal(err)
	}
	folder = filepath.Join(t.TempDir(), "artifacts")
	return folder, c.fetchArtifacts(ctx, files, folder, ui)
}

func contentOf(seed string) []byte { return bytes.Repeat([]byte(seed+"\n"), 100_000) }

// left lists what the cache holds beside locks.
func left(t *testing.T, c *Config) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(c.CacheDirectory, "artifacts", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		if !strings.HasSuffix(path, ".lock") {
			names = append(names, filepath.Base(path))
		}
	}
	return strings.Join(names, " ")
}

// TestArtifactsWarmNeedNoNetwork fetches three at once, each with a bar, and then needs none of it again.
func TestArtifactsWarmNeedNoNetwork(t *testing.T) {
	files := map[string][]byte{"/a/fzf.bin": contentOf("fzf"), "/b/go.bin": contentOf("go"), "/c/laurel.bin": contentOf("laurel")}
	p := publish(t, files)
	c := pins(t, t.TempDir(),
		pinnedFile{Name: "fzf", URL: p.URL + "/a/fzf.bin", Checksum: sumOf(files["/a/fzf.bin"])},
		pinnedFile{Name: "go", URL: p.URL + "/b/go.bin", Checksum: sumOf(files["/b/go.bin"])},
		pinnedFile{Name: "laurel", URL: p.URL + "/c/laurel.bin", Checksum: sumOf(files["/c/laurel.bin"])})
	var requests int64
	for warm := range 2 {
		ui := testUI(t)
		folder, err := c.fetchForTest(t, t.Context(), ui)
		if err != nil {
			t.Fatal(err)
		}
		for path, content := range files {
			name := strings.TrimSuffix(filepath.Base(path), ".bin")
			if got, _ := os.ReadFile(filepath.Join(folder, name, filepath.Base(path))); !bytes.Equal(got, content) {
				t.Errorf("%s is not what was published", name)
			}
			if bar := ui.bars[filepath.Base(path)]; warm == 0 && (bar == nil || bar.bytes != len(content)) {
				t.Errorf("the bar of %s did not go to its end: %+v", name, bar)
			}
		}
		if warm == 0 {
			requests = p.requests.Load()
		}
		if p.requests.Load() != requests {
			t.Error("asked the publisher although all is in the cache")
		}
	}
}

func TestArtifactGoesOnAfterACut(t *testing.T) {
	content := contentOf("nerdctl")
	p := publish(t, map[string][]byte{"/nerdctl.bin": content})
	p.cuts.Store(2)
	c, ui := pins(t, t.TempDir(), pinnedFile{Name: "nerdctl", URL: p.URL + "/nerdctl.bin", Checksum: sumOf(content)}), testUI(t)
	if _, err := c.fetchForTest(t, t.Context(), ui); err != nil {
		t.Fatal(err)
	}
	if p.sent.Load() != int64(len(content)) {
		t.Errorf("sent %d bytes, want each of the %d once", p.sent.Load(), len(content))
	}
	for _, want := range []string{"artifacts: nerdctl: the connection was cut after 97 KiB", "artifacts: nerdctl: the connection was cut after 195 KiB"} {
		if !strings.Contains(ui.text(), want) {
			t.Errorf("want %q in %q", want, ui.text())
		}
	}
}

// TestArtifactsCancelled leaves what the next build goes on with, and nothing under the artifact's name.
func TestArtifactsCancelled(t *testing.T) {
	content := contentOf("rust")
	p := publish(t, map[string][]byte{"/rust.bin": content})
	p.stall.Store(true)
	c := pins(t, t.TempDir(), pinnedFile{Name: "rust", URL: p.URL + "/rust.bin", Checksum: sumOf(content)})
	ctx, cancel := context.WithCancel(t.Context())
	partial := cacheName(sumOf(content)) + ".partial"
	go func() {
		for sizeOf(filepath.Join(c.CacheDirectory, "artifacts", partial)) < 100_000 && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, err := c.fetchForTest(t, ctx, testUI(t))
	if err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Fatalf("got %v", err)
	}
	if got := left(t, c); got != partial {
		t.Errorf("left %q, want %q", got, partial)
	}
	p.stall.Store(false)
	if _, err := c.fetchForTest(t, t.Context(), testUI(t)); err != nil {
		t.Fatal(err)
	}
	if p.sent.Load() != int64(len(content)) {
		t.Errorf("sent %d bytes, want each of the %d once", p.sent.Load(), len(content))
	}
}

func TestArtifactThatTakesTooLong(t *testing.T) {
	content := contentOf("rust")
	p := publish(t, map[string][]byte{"/rust.bin": content})
	p.stall.Store(true)
	c := pins(t, t.TempDir(), pinnedFile{Name: "rust", URL: p.URL + "/rust.bin", Checksum: sumOf(content)})
	c.DownloadTimeout = 500 * time.Millisecond
	_, err := c.fetchForTest(t, t.Context(), testUI(t))
	if want := "artifacts: rust: " + p.URL + "/rust.bin: downloading: not complete within download_timeout (500ms)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestArtifactsTellAllThatIsWrong has three bad ones and a good one.
func TestArtifactsTellAllThatIsWrong(t *testing.T) {
	good := contentOf("good")
	p := publish(t, map[string][]byte{"/good.bin": good, "/other.bin": []byte("other"), "/cut.tar.gz": gzipped([]byte("x"))[:8]})
	c := pins(t, t.TempDir(),
		pinnedFile{Name: "good", URL: p.URL + "/good.bin", Checksum: sumOf(good)},
		pinnedFile{Name: "other", URL: p.URL + "/other.bin", Checksum: sumOf([]byte("this one"))},
		pinnedFile{Name: "cut", URL: p.URL + "/cut.tar.gz", Checksum: sumOf(p.files["/cut.tar.gz"])},
		pinnedFile{Name: "nowhere", URL: "http://127.0.0.1:1/nowhere.bin", Checksum: sumOf(nil)},
		pinnedFile{Name: "missing", URL: p.URL + "/missing.bin", Checksum: sumOf(nil)})
	_, err := c.fetchForTest(t, t.Context(), testUI(t))
	if err == nil {
		t.Fatal("accepted")
	}
	partial := filepath.Join(c.CacheDirectory, "artifacts", cacheName(sumOf([]byte("this one")))) + ".partial"
	for _, want := range []string{
		"artifacts: other: " + p.URL + "/other.bin: checksum mismatch: " + partial + ": want " + sumOf([]byte("this one")) + ", got " +
			sumOf([]byte("other")) + "; the download is removed again",
		"artifacts: cut: " + p.URL + "/cut.tar.gz: cut.tar.gz: reading it as the archive that its name says: it is truncated",
		"artifacts: nowhere: http://127.0.0.1:1/nowhere.bin: downloading: dial tcp 127.0.0.1:1: connect: connection refused; without a route to it, name a mirror: mirrors = { \"127.0.0.1:1\" = ",
		"artifacts: missing: " + p.URL + "/missing.bin: downloading: bad response code: 404",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "artifacts: good") {
		t.Errorf("complains about the good one: %v", err)
	}
	if got := left(t, c); got != cacheName(sumOf(good)) {
		t.Errorf("left in the cache: %s", got)
	}
}

func TestArtifactsOfTwoBuildsAtOnce(t *testing.T) {
	content := contentOf("shared")
	p := publish(t, map[string][]byte{"/shared.bin": content})
	cache := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			c := pins(t, cache, pinnedFile{Name: "shared", URL: p.URL + "/shared.bin", Checksum: sumOf(content)})
			if _, err := c.fetchForTest(t, t.Context(), testUI(t)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if p.sent.Load() != int64(len(content)) {
		t.Errorf("sent %d bytes to four builds, want %d", p.sent.Load(), len(content))
	}
}

func TestArtifactThatRotted(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/fzf.bin": content})
	c, ui := pins(t, t.TempDir(), pinnedFile{Name: "fzf", URL: p.URL + "/fzf.bin", Checksum: sumOf(content)}), testUI(t)
	cached := filepath.Join(c.CacheDirectory, "artifacts", cacheName(sumOf(content)))
	write(t, cached, "rotten")
	folder, err := c.fetchForTest(t, t.Context(), ui)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(folder + "/fzf/fzf.bin"); !bytes.Equal(got, content) {
		t.Error("the build got something else")
	}
	if want := "artifacts: fzf: the cached file " + cached + " has changed since it was downloaded; fetching it again\n"; ui.text() != want {
		t.Errorf("said %q, want %q", ui.text(), want)
	}
}

// TestPartialOfAnotherFile is what a power cut, or a page of a proxy, may leave.
func TestPartialOfAnotherFile(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/fzf.bin": content})
	c := pins(t, t.TempDir(), pinnedFile{Name: "fzf", URL: p.URL + "/fzf.bin", Checksum: sumOf(content)})
	for name, size := range map[string]int{"shorter": 1000, "longer": len(content) + 1000} {
		write(t, filepath.Join(c.CacheDirectory, "artifacts", cacheName(sumOf(content)))+".partial", string(make([]byte, size)))
		if _, err := c.fetchForTest(t, t.Context(), testUI(t)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(filepath.Join(c.CacheDirectory, "artifacts", cacheName(sumOf(content)))); err != nil {
			t.Error(err)
		}
	}
}

// TestCacheOfOtherThings keeps a build from waiting for ever, from writing through a link, and the guest from a link that leads nowhere.
func TestCacheOfOtherThings(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/fzf.bin": content})
	file := pinnedFile{Name: "fzf", URL: p.URL + "/fzf.bin", Checksum: sumOf(content)}
	for name, test := range map[string]struct {
		make func(path string) error
		want string
	}{
		"pipe":          {func(path string) error { return unix.Mkfifo(path, 0o600) }, "must be a file that Ingot downloaded"},
		"folder":        {func(path string) error { return os.Mkdir(path, 0o700) }, "must be a file that Ingot downloaded"},
		"pipe, partial": {func(path string) error { return unix.Mkfifo(path+".partial", 0o600) }, "must be a file that Ingot downloaded"},
		"link, partial": {func(path string) error { return os.Symlink("/dev/null", path+".partial") }, "must be a file that Ingot downloaded"},
		"link": {func(path string) error {
			return errors.Join(os.WriteFile(path+".elsewhere", content, 0o600), os.Symlink(path+".elsewhere", path))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := pins(t, t.TempDir(), file)
			must(t, os.MkdirAll(filepath.Dir(c.cachedArtifact(file)), 0o755))
			must(t, test.make(c.cachedArtifact(file)))
			folder, err := c.fetchForTest(t, t.Context(), testUI(t))
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) || test.want == "" && err != nil {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if info, err := os.Lstat(filepath.Join(folder, "fzf", "fzf.bin")); test.want == "" && (err != nil || !info.Mode().IsRegular()) {
				t.Errorf("the guest's disk gets %v (%v), want a file", info, err)
			}
		})
	}
}

// TestDownloadThatAlwaysEnds does not ask again at once.
func TestDownloadThatAlwaysEnds(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/fzf.bin": content})
	p.cuts.Store(1 << 40)
	p.half = 10
	c := pins(t, t.TempDir(), pinnedFile{Name: "fzf", URL: p.URL + "/fzf.bin", Checksum: sumOf(content)})
	c.DownloadTimeout = 1500 * time.Millisecond
	_, err := c.fetchForTest(t, t.Context(), testUI(t))
	if err == nil || !strings.Contains(err.Error(), "download_timeout") || p.requests.Load() > 6 {
		t.Errorf("%d requests, got %v", p.requests.Load(), err)
	}
}

// TestDownloadWithoutRoom says so, and nothing of the network.
func TestDownloadWithoutRoom(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/fzf.bin": content})
	c := pins(t, t.TempDir(), pinnedFile{Name: "fzf", URL: p.URL + "/fzf.bin", Checksum: sumOf(content)})
	var before unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &before))
	must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 100_000, Max: before.Max})) // Go leaves SIGXFSZ to the write's error
	defer func() { must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &before)) }()
	_, err := c.fetchForTest(t, t.Context(), testUI(t))
	if err == nil || !strings.Contains(err.Error(), "cache_directory: writing the download") || strings.Contains(err.Error(), "mirror") {
		t.Errorf("got %v", err)
	}
	if !strings.HasSuffix(left(t, c), ".partial") {
		t.Errorf("left: %s", left(t, c))
	}
}

// TestDownloadOfAnotherBuild tells why nothing happens, and then whose fault it was.
func TestDownloadOfAnotherBuild(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/fzf.bin": content})
	file := pinnedFile{Name: "fzf", URL: p.URL + "/fzf.bin", Checksum: sumOf(content)}
	c := pins(t, t.TempDir(), file)
	c.DownloadTimeout = 300 * time.Millisecond
	must(t, os.MkdirAll(filepath.Dir(c.cachedArtifact(file)), 0o755))
	other := flock.New(c.cachedArtifact(file) + ".lock")
	must(t, other.Lock())
	defer other.Close()
	ui := testUI(t)
	_, err := c.fetchForTest(t, t.Context(), ui)
	if err == nil || !strings.Contains(err.Error(), "waiting for another build that downloads the same file: not complete within download_timeout") {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(ui.text(), "artifacts: fzf: another build downloads the same file; waiting for it") {
		t.Errorf("said %q", ui.text())
	}
}
