package libvirt

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

func fileEntry(name string) tar.Header { return tar.Header{Name: name, Mode: 0o644, Size: 5} }
func linkEntry(name, target string) tar.Header {
	return tar.Header{Name: name, Linkname: target, Typeflag: tar.TypeSymlink}
}
func hardLinkEntry(name, target string) tar.Header {
	return tar.Header{Name: name, Linkname: target, Typeflag: tar.TypeLink}
}
func folderEntry(name string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755}
}

// archive is a tar archive of the entries; a file's content is "hello".
func archive(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, entry := range entries {
		if err := w.WriteHeader(&entry); err != nil {
			t.Fatal(err)
		}
		if entry.Size > 0 {
			if _, err := w.Write([]byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(content)
	_ = w.Close()
	return out.Bytes()
}

func inspect(t *testing.T, name string, content []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sha256-abc.partial")
	write(t, path, string(content))
	return inspectArchive(t.Context(), path, name)
}

func TestArchivesThatLeaveTheirFolder(t *testing.T) {
	const out = " would be outside of the folder that the archive is unpacked in"
	for _, test := range []struct {
		name    string
		entries []tar.Header
		want    string
	}{
		{"absolute", []tar.Header{fileEntry("/etc/passwd")}, `entry "/etc/passwd"` + out + ": its path is absolute"},
		{"dot dot", []tar.Header{fileEntry("a/x"), fileEntry("../x")}, `entry "../x"` + out + `: its path has ".."`},
		{"dot dot behind a link", []tar.Header{linkEntry("a", "b/c"), fileEntry("a/../../x")}, `entry "a/../../x"` + out + `: its path has ".."`},
		{"through an absolute link", []tar.Header{linkEntry("etc", "/etc"), fileEntry("etc/passwd")},
			`entry "etc/passwd" would be written through the symbolic link "etc" to "/etc", outside of the folder that the archive is unpacked in`},
		{"through a relative link", []tar.Header{folderEntry("a"), linkEntry("a/up", "../.."), fileEntry("a/up/x")}, `entry "a/up/x"` + out},
		{"through a chain of links", []tar.Header{linkEntry("one", "."), linkEntry("one/two", ".."), fileEntry("two/x")}, `entry "two/x"` + out},
		{"through a link of a link", []tar.Header{folderEntry("d"), linkEntry("d/up", ".."), linkEntry("out", "d/up/.."), fileEntry("out/x")}, `entry "out/x"` + out},
		{"a folder through a link", []tar.Header{linkEntry("a", "/tmp"), folderEntry("a/b/")}, `entry "a/b/" would be written through`},
		{"over a link", []tar.Header{linkEntry("x", "/etc/passwd"), fileEntry("x")}, `entry "x" would be written through the symbolic link "x" to "/etc/passwd"`},
		{"a link through a link", []tar.Header{linkEntry("a", "/tmp"), linkEntry("a/b", "c")}, `entry "a/b" would be written through`},
		{"a hard link to outside", []tar.Header{hardLinkEntry("x", "/etc/shadow")}, `entry "x" is a hard link to "/etc/shadow", which` + out + ": its path is absolute"},
		{"a hard link upwards", []tar.Header{hardLinkEntry("a/x", "../../etc/shadow")}, `entry "a/x" is a hard link to "../../etc/shadow", which` + out + `: its path has ".."`},
		{"a hard link through a link", []tar.Header{linkEntry("e", "/etc"), hardLinkEntry("x", "e/shadow")}, `entry "x" is a hard link to "e/shadow", which would be written through`},
		{"a hard link to a link", []tar.Header{linkEntry("e", "/etc"), hardLinkEntry("f", "e"), fileEntry("f/x")}, `entry "f/x" would be written through the symbolic link "f"`},
		{"links in a circle", []tar.Header{linkEntry("a", "b"), linkEntry("b", "a"), fileEntry("a/x")}, `entry "a/x" would be written through the symbolic link`},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := inspect(t, "evil.tar.gz", gzipped(archive(t, test.entries...)))
			if err == nil || !strings.HasPrefix(err.Error(), "evil.tar.gz: "+test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestArchivesThatAreFine has what real ones have: links that lead anywhere, and are not written through.
func TestArchivesThatAreFine(t *testing.T) {
	entries := []tar.Header{
		folderEntry("./"), folderEntry("./usr/"), folderEntry("usr/bin"), fileEntry("./usr/bin/tool"), linkEntry("bin", "usr/bin"), fileEntry("bin/other"),
		linkEntry("etc/alternatives/x", "/usr/bin/tool"), linkEntry("lib/dangling", "../../../somewhere"), hardLinkEntry("usr/bin/again", "usr/bin/tool"),
		linkEntry("usr/share/up", "../lib"), fileEntry("usr/share/up/x"), linkEntry("bin", "usr/bin"), fileEntry("..data"), fileEntry("a/...b"), fileEntry(strings.Repeat("long/", 50) + "name"),
	}
	content := archive(t, entries...)
	for name, compressed := range compressions(t, content) {
		if err := inspect(t, name, compressed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, size := range []int{0, 1, len(compressed) / 2, len(compressed) - 1025} {
			if size < 0 {
				size = len(compressed) - 1
			}
			if err := inspect(t, name, compressed[:size]); err == nil || !strings.Contains(err.Error(), name+": ") {
				t.Errorf("%s: the first %d of %d bytes were accepted: %v", name, size, len(compressed), err)
			}
		}
	}
}

// compressions is the archive in each form, as the usual programs make them.
func compressions(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	made := map[string][]byte{"x.tar": content, "x.tar.gz": gzipped(content), "x.tgz": gzipped(content)}
	var packed bytes.Buffer
	z, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write(content)
	_ = z.Close()
	made["x.tar.zst"] = bytes.Clone(packed.Bytes())
	packed.Reset()
	x, err := xz.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = x.Write(content)
	_ = x.Close()
	made["x.tar.xz"] = bytes.Clone(packed.Bytes())
	for program, name := range map[string]string{"bzip2": "x.tar.bz2", "xz": "y.tar.xz", "zstd": "y.tar.zst", "gzip": "y.tar.gz"} {
		if _, err := exec.LookPath(program); err == nil {
			command := exec.CommandContext(t.Context(), program, "-c")
			command.Stdin = bytes.NewReader(content)
			if made[name], err = command.Output(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return made
}

func TestArchivesThatAreNone(t *testing.T) {
	page := []byte("<html>404</html>" + strings.Repeat(" ", 2000))
	for name, want := range map[string]string{
		"x.tar":    "x.tar: reading the archive's first entry: archive/tar: invalid tar header",
		"x.tar.gz": "x.tar.gz: reading it as the archive that its name says: gzip: invalid header",
		"x.tar.xz": "x.tar.xz: reading it as the archive that its name says: xz: ",
	} {
		if err := inspect(t, name, page); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := inspect(t, "x.tgz", gzipped(page)); err == nil || !strings.Contains(err.Error(), "invalid tar header") {
		t.Errorf("gzip of something else: %v", err)
	}
	for _, name := range []string{"x.deb", "x.zip", "x", "x.gz", "tar"} {
		if err := inspect(t, name, page); err != nil {
			t.Errorf("%s was looked into: %v", name, err)
		}
	}
}

func TestArchiveWithSomethingBehind(t *testing.T) {
	content := gzipped(archive(t, fileEntry("a")))
	for _, behind := range [][]byte{make([]byte, 512), []byte("a signature that gzip too lets be")} {
		if err := inspect(t, "x.tar.gz", append(bytes.Clone(content), behind...)); err != nil {
			t.Error(err)
		}
	}
	wrong := bytes.Clone(content)
	wrong[len(wrong)-8] ^= 1 // the checksum of the content
	if err := inspect(t, "x.tar.gz", wrong); !errors.Is(err, gzip.ErrChecksum) {
		t.Errorf("got %v", err)
	}
}

func TestArchiveInspectionEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	write(t, path, string(archive(t, fileEntry("a"))))
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	if err := inspectArchive(ctx, path, "x.tar"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

// TestArchiveWithLongNames keeps a kilobyte of archive from keeping the builder busy for hours.
func TestArchiveWithLongNames(t *testing.T) {
	long := strings.Repeat("a/", 300_000)
	doubled := []tar.Header{linkEntry("0", strings.Repeat("./", 2000))}
	for i := range 30 {
		doubled = append(doubled, linkEntry(fmt.Sprint(i+1), strings.Repeat(fmt.Sprint("d/../", i, "/"), 500)))
	}
	for name, entries := range map[string][]tar.Header{
		"name":      {fileEntry(long + "x")},
		"link":      {linkEntry("a", long)},
		"hard link": {hardLinkEntry("a", long)},
		"links":     append(doubled, fileEntry("30/x")),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			path := filepath.Join(t.TempDir(), "tool.tar.gz")
			must(t, os.WriteFile(path, gzipped(archive(t, entries...)), 0o600))
			err := inspectArchive(ctx, path, "tool.tar.gz")
			if err == nil || ctx.Err() != nil || len(err.Error()) > 1000 || !strings.Contains(err.Error(), "entry") {
				t.Errorf("got %v, want a short refusal of an entry", err)
			}
		})
	}
}
