package libvirt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// silent is a progress listener for tests.
type silent struct{}

func (silent) TrackProgress(_ string, _, _ int64, stream io.ReadCloser) io.ReadCloser { return stream }

// publisher serves one file on loopback and counts the bytes that it sends.
func publisher(t *testing.T, content []byte) (url string, sent *int64) {
	t.Helper()
	sent = new(int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		counter := &countingWriter{ResponseWriter: w, sent: sent}
		http.ServeContent(counter, r, "image.qcow2", time.Time{}, bytes.NewReader(content))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/image.qcow2", sent
}

type countingWriter struct {
	http.ResponseWriter
	sent *int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	*w.sent += int64(n)
	return n, err
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func TestDownloadIsKeptByItsChecksum(t *testing.T) {
	content := bytes.Repeat([]byte("image"), 100_000)
	url, sent := publisher(t, content)
	c := &Config{SourceImage: url, SourceChecksum: sumOf(content), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	path := t.TempDir() + "/source.img"
	for range 2 {
		if err := c.fetch(context.Background(), path, silent{}); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
			t.Error("the cached file is not the image")
		}
	}
	if *sent != int64(len(content)) {
		t.Errorf("downloaded %d bytes for two builds, want %d", *sent, len(content))
	}
}

func TestDownloadGoesOnAfterACut(t *testing.T) {
	content := bytes.Repeat([]byte("image"), 100_000)
	url, sent := publisher(t, content)
	sum := sha512.Sum512(content)
	c := &Config{SourceImage: url, SourceChecksum: "sha512:" + hex.EncodeToString(sum[:]), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	write(t, c.cachedSource()+".partial", string(content[:400_000]))
	if err := c.fetch(context.Background(), t.TempDir()+"/source.img", silent{}); err != nil {
		t.Fatal(err)
	}
	if *sent != 100_000 {
		t.Errorf("downloaded %d bytes, want the missing 100000", *sent)
	}
}

func TestDownloadWithAWrongChecksum(t *testing.T) {
	url, _ := publisher(t, []byte("not the image"))
	c := &Config{SourceImage: url, SourceChecksum: sumOf([]byte("the image")), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	err := c.fetch(context.Background(), t.TempDir()+"/source.img", silent{})
	if err == nil || !strings.Contains(err.Error(), "checksum mismatch") || !strings.Contains(err.Error(), sumOf([]byte("not the image"))) {
		t.Errorf("want a mismatch that says what was got, got %v", err)
	}
	left, _ := filepath.Glob(filepath.Join(c.CacheDirectory, "images", "*"))
	for _, path := range left {
		if !strings.HasSuffix(path, ".lock") {
			t.Errorf("left in the cache: %s", path)
		}
	}
}

func TestUnreachablePublisherNamesTheOtherWay(t *testing.T) {
	c := &Config{SourceImage: "http://127.0.0.1:1/image.qcow2", SourceChecksum: sumOf(nil), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	err := c.fetch(context.Background(), t.TempDir()+"/source.img", silent{})
	if err == nil || !strings.Contains(err.Error(), "make base-image") {
		t.Errorf("want the command that chooses the other, got %v", err)
	}
}

func TestCachedFileThatRotted(t *testing.T) {
	c := &Config{SourceImage: "http://127.0.0.1:1/image.qcow2", SourceChecksum: sumOf([]byte("the image")), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	write(t, c.cachedSource(), "the imagf")
	err := c.fetch(context.Background(), t.TempDir()+"/source.img", silent{})
	if err == nil || !strings.Contains(err.Error(), c.cachedSource()) {
		t.Errorf("want a mismatch that names the file, got %v", err)
	}
}

// TestInspectImage uses the real qemu-img.
func TestInspectImage(t *testing.T) {
	if _, err := exec.LookPath("qemu-img"); err != nil {
		t.Skip("qemu-img is not installed")
	}
	directory := t.TempDir()
	base, overlay, vmdk, page := directory+"/base.qcow2", directory+"/overlay.qcow2", directory+"/disk.vmdk", directory+"/page.html"
	write(t, page, "<html>404</html>")
	for _, args := range [][]string{
		{"create", "-q", "-f", "qcow2", base, "1G"},
		{"create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", overlay},
		{"create", "-q", "-f", "vmdk", vmdk, "16M"},
	} {
		if _, err := qemuImg(context.Background(), time.Minute, args...); err != nil {
			t.Fatal(err)
		}
	}
	image, err := inspectImage(context.Background(), base)
	if err != nil || image.Format != "qcow2" || image.VirtualSize != 1<<30 {
		t.Errorf("got %+v, %v", image, err)
	}
	for path, want := range map[string]string{
		overlay: "must be complete in itself, but it refers to another file: " + base,
		vmdk:    "must be a qcow2 or raw image, got vmdk",
		page:    "must be a disk image: it is no qcow2, and does not begin with a boot sector",
	} {
		if _, err := inspectImage(context.Background(), path); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

func TestUnverifiedDownloadStartsAnew(t *testing.T) {
	content := []byte("version B of the image")
	url, _ := publisher(t, content)
	c := &Config{SourceImage: url, SourceChecksum: "none", CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	write(t, c.cachedSource()+".partial", "version A")
	path := t.TempDir() + "/source.img"
	if err := c.fetch(context.Background(), path, silent{}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
		t.Errorf("got a mixture: %q", got)
	}
}

func TestSourceNameHidesSecrets(t *testing.T) {
	c := &Config{SourceImage: "https://me:s3cret@images.example/debian.qcow2?token=abc"}
	if got := c.sourceName(); got != "https://me:xxxxx@images.example/debian.qcow2" {
		t.Error(got)
	}
}

// TestSourceIsTheBuildsOwn replaces the original under a build.
func TestSourceIsTheBuildsOwn(t *testing.T) {
	directory := t.TempDir()
	original, own := directory+"/original", directory+"/own"
	write(t, original, "A")
	write(t, own, "what an attempt before left")
	if err := copySource(original, own); err != nil {
		t.Fatal(err)
	}
	write(t, original, "B")
	if got, err := os.ReadFile(own); err != nil || string(got) != "A" {
		t.Errorf("the build now reads %q, %v", got, err)
	}
}
