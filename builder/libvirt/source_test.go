package libvirt

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDownloadIsKeptByItsChecksum(t *testing.T) {
	content := bytes.Repeat([]byte("image"), 100_000)
	p := publish(t, map[string][]byte{"/image.qcow2": content})
	c := &Config{SourceImage: p.URL + "/image.qcow2", SourceChecksum: sumOf(content), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	path := t.TempDir() + "/source.img"
	for range 2 {
		if err := c.fetchSource(t.Context(), path, testUI(t)); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
			t.Error("the cached file is not the image")
		}
	}
	if p.sent.Load() != int64(len(content)) {
		t.Errorf("downloaded %d bytes for two builds, want %d", p.sent.Load(), len(content))
	}
}

func TestDownloadGoesOnAfterACut(t *testing.T) {
	content := bytes.Repeat([]byte("image"), 100_000)
	p := publish(t, map[string][]byte{"/image.qcow2": content})
	sum := sha512.Sum512(content)
	c := &Config{SourceImage: p.URL + "/image.qcow2", SourceChecksum: "sha512:" + hex.EncodeToString(sum[:]), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	write(t, c.cachedSource()+".partial", string(content[:400_000]))
	if err := c.fetchSource(t.Context(), t.TempDir()+"/source.img", testUI(t)); err != nil {
		t.Fatal(err)
	}
	if p.sent.Load() != 100_000 {
		t.Errorf("downloaded %d bytes, want the missing 100000", p.sent.Load())
	}
}

func TestDownloadWithAWrongChecksum(t *testing.T) {
	p := publish(t, map[string][]byte{"/image.qcow2": []byte("not the image")})
	c := &Config{SourceImage: p.URL + "/image.qcow2", SourceChecksum: sumOf([]byte("the image")), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	err := c.fetchSource(t.Context(), t.TempDir()+"/source.img", testUI(t))
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

func TestUnreachablePublisherNamesTheOtherWays(t *testing.T) {
	c := &Config{SourceImage: "http://127.0.0.1:1/image.qcow2", SourceChecksum: sumOf(nil), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	err := c.fetchSource(t.Context(), t.TempDir()+"/source.img", testUI(t))
	if err == nil || !strings.Contains(err.Error(), "make base-image") || !strings.Contains(err.Error(), "mirrors = {") {
		t.Errorf("want the two other ways, got %v", err)
	}
}

// TestCachedFileThatRotted is fetched again once, and said to be.
func TestCachedFileThatRotted(t *testing.T) {
	content := []byte("the image")
	p := publish(t, map[string][]byte{"/image.qcow2": content})
	c := &Config{SourceImage: p.URL + "/image.qcow2", SourceChecksum: sumOf(content), CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	write(t, c.cachedSource(), "the imagf")
	path, ui := t.TempDir()+"/source.img", testUI(t)
	if err := c.fetchSource(t.Context(), path, ui); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
		t.Errorf("the build got %q", got)
	}
	if want := "source_image: the cached file " + c.cachedSource() + " has changed since it was downloaded; fetching it again\n"; ui.text() != want {
		t.Errorf("said %q, want %q", ui.text(), want)
	}
}

func TestSourceFileOfAnotherChecksum(t *testing.T) {
	path := t.TempDir() + "/image.qcow2"
	write(t, path, "not the image")
	c := &Config{SourceImage: path, SourceChecksum: sumOf([]byte("the image"))}
	own := t.TempDir() + "/source.img"
	err := c.fetchSource(t.Context(), own, testUI(t))
	want := "source_image: " + path + ": checksum mismatch: " + own + ": want " + c.SourceChecksum + ", got " + sumOf([]byte("not the image")) +
		"; replace the file or correct source_checksum"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
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
	p := publish(t, map[string][]byte{"/image.qcow2": content})
	c := &Config{SourceImage: p.URL + "/image.qcow2", SourceChecksum: "none", CacheDirectory: t.TempDir(), DownloadTimeout: time.Minute}
	write(t, c.cachedSource()+".partial", "version A")
	path := t.TempDir() + "/source.img"
	if err := c.fetchSource(t.Context(), path, testUI(t)); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
		t.Errorf("got a mixture: %q", got)
	}
}

func TestSourceNameHidesSecrets(t *testing.T) {
	c := &Config{SourceImage: "https://me:s3cret@images.example/debian.qcow2?token=abc"}
	if got := c.sourceName(); got != "https://xxxxx@images.example/debian.qcow2" {
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

// TestSourceThatDoesNotFit names the attribute that is too small.
func TestSourceThatDoesNotFit(t *testing.T) {
	source := sourceImage{VirtualSize: 3000<<20 - 1}
	for want, c := range map[string]*Config{
		"disk_size: must be at least the source image's 3000 MiB, got 2999": {DiskSize: 2999, RootSize: 2999},
		"root_size: must be at least the source image's 3000 MiB, got 2999": {DiskSize: 3000, RootSize: 2999},
		"": {DiskSize: 3000, RootSize: 3000},
	} {
		if err := c.checkSizes(source); (err != nil || want != "") && (err == nil || err.Error() != want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
