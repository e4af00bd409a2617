package libvirt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
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
		"artifacts: nowhere: http://127.0.0.1:1/nowhere.bin: downloading: dial tcp 127.0.0.1:1: connect: connection refused; without a route to it, name a mirror: mirrors = {",
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

func TestGuestURLs(t *testing.T) {
	files := []pinnedFile{{Name: "fzf", URL: "https://example.org/v1/fzf-1.0%2Bb.tar.gz?x=1", Checksum: "sha256:aa"}}
	got, err := guestURLs(files)
	if want := `{"sha256:aa":"file:///run/ingot-artifacts/fzf/fzf-1.0+b.tar.gz"}`; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if got, err := guestURLs(nil); err != nil || got != "{}" {
		t.Errorf("without artifacts: %s, %v", got, err)
	}
}

// TestStepFetchArtifacts goes from the template's attribute to the disk, beside a source image that fails.
func TestStepFetchArtifacts(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/fzf.bin": content})
	c := pins(t, t.TempDir(),
		pinnedFile{Name: "fzf", URL: "https://upstream.example/fzf.bin", Checksum: sumOf(content)},
		pinnedFile{Name: "gone", URL: "https://upstream.example/gone.bin", Checksum: sumOf(nil)})
	c.Mirrors = map[string]string{"upstream.example": p.URL, "images.example": p.URL}
	state, output := testState(t)
	build := newBuild(t, c.CacheDirectory)
	stateBuild.put(state, build)
	fetch := &stepFetchArtifacts{config: c}
	fetch.Run(t.Context(), state)
	(&stepFetchSource{config: c}).Run(t.Context(), state)
	err := errorOf(state)
	for _, want := range []string{"source_image: https://images.example/debian.qcow2 (from " + p.URL, "artifacts: gone: https://upstream.example/gone.bin (from " + p.URL} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %v", want, err)
		}
	}
	for _, want := range []string{"Artifacts: fzf 1.0, gone 1.0\n", fmt.Sprintf("Downloading from mirrors: images.example is %s, upstream.example is %s\n", p.URL, p.URL)} {
		if !strings.Contains(output.String(), want) {
			t.Errorf("want %q in %s", want, output)
		}
	}
	p.files["/gone.bin"] = nil
	disk := &stepWriteArtifacts{config: c, again: true}
	if disk.Run(t.Context(), state); !exists(build.file(artifactsFile)) || exists(build.file(artifactsFiles)) {
		t.Errorf("want the disk and not the folder: %v", errorOf(state))
	}
	if files := stateArtifacts.get(state); files[0].size != int64(len(content)) || files[1].size != 0 {
		t.Errorf("sizes: %+v", files)
	}
	if urls := generated(state)["IngotArtifacts"]; !strings.Contains(urls.(string), "/fzf/fzf.bin") {
		t.Errorf("the provisioners get %v", urls)
	}
	fetch.Cleanup(state)
}
