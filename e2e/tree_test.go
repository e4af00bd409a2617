//go:build e2e && layers

package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// explained are the paths that may differ between two builds of the same input, and why. Times of modification are not compared: they
// tell when a build ran.
var explained = map[string]string{}

// compareImages looks at everything in the root file systems, and at every byte before them: boot loader, partition table, EFI partition.
func compareImages(t *testing.T, one, other image) {
	t.Helper()
	rawOne, rawOther := rawImage(t, one), rawImage(t, other)
	rootOne, start := mountRoot(t, rawOne)
	rootOther, startOther := mountRoot(t, rawOther)
	if start != startOther {
		t.Errorf("the root file systems begin at %d and %d", start, startOther)
	}
	compareBytes(t, rawOne, rawOther, start)
	a, b := tree(t, rootOne), tree(t, rootOther)
	all := maps.Clone(a)
	maps.Copy(all, b)
	differences := 0
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if a[path] == b[path] {
			continue
		}
		differences++
		if why := explanation(path); why != "" {
			t.Logf("%s differs: %s", path, why)
		} else {
			t.Errorf("%s differs\n  %s\n  %s", path, a[path], b[path])
		}
	}
	t.Logf("%d entries in %s, %d in %s, %d differences", len(a), filepath.Base(one.directory), len(b), filepath.Base(other.directory), differences)
	if len(a) < 10_000 {
		t.Errorf("a Debian has more than %d files", len(a))
	}
}

func explanation(path string) string {
	for pattern, why := range explained {
		if regexp.MustCompile(`^` + pattern + `$`).MatchString(path) {
			return why
		}
	}
	return ""
}

// tree describes each entry below root: type, mode, owner, size, extended attributes, and what it holds or where it leads.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	entries := map[string]string{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		entries["/"+strings.TrimPrefix(strings.TrimPrefix(path, root), "/")], err = describe(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func describe(path string) (string, error) {
	var s unix.Stat_t
	if err := unix.Lstat(path, &s); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	text := fmt.Sprintf("mode %o, owner %d:%d", s.Mode, s.Uid, s.Gid)
	attributes, err := extendedAttributes(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	switch text += attributes; s.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		sum, err := sumOfFile(path)
		return fmt.Sprintf("%s, %d links, %d bytes, sha256 %s", text, s.Nlink, s.Size, sum), err
	case unix.S_IFLNK:
		target, err := os.Readlink(path)
		return text + ", to " + target, err
	case unix.S_IFBLK, unix.S_IFCHR:
		return fmt.Sprintf("%s, device %d", text, s.Rdev), nil
	}
	return text, nil
}

// extendedAttributes are all of them: capabilities, ACLs, flags of applications.
func extendedAttributes(path string) (text string, err error) {
	names := make([]byte, 64<<10) // the most that the kernel gives
	size, err := unix.Llistxattr(path, names)
	if err != nil {
		return "", err
	}
	for name := range bytes.SplitSeq(names[:size], []byte{0}) {
		if len(name) == 0 {
			continue
		}
		value := make([]byte, 64<<10)
		length, err := unix.Lgetxattr(path, string(name), value)
		if err != nil {
			return "", err
		}
		text += fmt.Sprintf(", %s=%x", name, value[:length])
	}
	return text, nil
}

func sumOfFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return fmt.Sprintf("%x", sum.Sum(nil)), err
}

// compareBytes compares the disks up to a place, sector by sector.
func compareBytes(t *testing.T, one, other string, size int64) {
	t.Helper()
	a, b := readStart(t, one, size), readStart(t, other, size)
	for at := 0; at < len(a); at += 512 {
		if !bytes.Equal(a[at:at+512], b[at:at+512]) {
			t.Errorf("sector %d before the root file system differs", at/512)
		}
	}
}

func readStart(t *testing.T, path string, size int64) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content := make([]byte, size)
	if _, err := io.ReadFull(f, content); err != nil {
		t.Fatal(err)
	}
	return content
}
