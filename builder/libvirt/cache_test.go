package libvirt

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cache runs the command, and returns what it prints.
func cache(t *testing.T, s layerStore, arguments ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := ManageCache(t.Context(), append(arguments, "-cache-directory", filepath.Dir(s.directory)), &out)
	return out.String(), err
}

func TestCacheList(t *testing.T) {
	s, digests := built(t)
	publishTestImage(t, s, digests[3], "")
	for i, d := range append(digests, testDigests("packages", "monitoring")[2]) {
		l, err := s.load(d.Digest)
		must(t, err)
		l.Created, l.LastUsed = time.Now().Add(-time.Duration(10-i)*day), time.Now().Add(-time.Duration(i)*time.Hour-time.Minute)
		l.Size, l.Hits = int64(i+1)*100<<20, i
		must(t, s.write(l))
	}
	write(t, filepath.Join(s.cache(), "artifacts", "sha256-"+strings.Repeat("a", 64)), strings.Repeat("x", 3<<20))
	text, err := cache(t, s, "list")
	must(t, err)
	golden(t, "testdata/cache-list.want", text)
}

// TestCacheListOfManipulated ends, and shows everything once.
func TestCacheListOfManipulated(t *testing.T) {
	s, digests := built(t)
	packages, err := s.load(digests[1].Digest)
	must(t, err)
	tools, err := s.load(digests[2].Digest)
	must(t, err)
	_, err = qemuImg(t.Context(), qemuImgDeadline, "rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", s.path(tools.File), s.path(packages.File))
	must(t, err)
	rewrite(func(l *layer) { l.Parent, l.Size = tools.Digest, sizeOf(s.path(l.File)) })(t, s, packages) // a circle, in the files too
	monitoring, err := s.load(testDigests("packages", "monitoring")[2].Digest)
	must(t, err)
	rewrite(func(l *layer) { l.File = "../x" })(t, s, monitoring)
	text, err := cache(t, s, "list")
	must(t, err)
	for _, d := range append(digests, testDigests("packages", "monitoring")[2]) {
		if strings.Count(text, short(d.Digest)) != 1 {
			t.Errorf("%s (%s) is not there once:\n%s", short(d.Digest), d.Task, text)
		}
	}
	var said lines
	must(t, s.prune(t.Context(), cacheLimits{}, said.say))
	if got := published(t, s); got != "source" {
		t.Errorf("left: %s, said\n%s", got, said)
	}
}

func TestCacheOfNobody(t *testing.T) {
	s := storeOf(t.TempDir())
	for _, command := range []string{"list", "prune", "verify"} {
		text, err := cache(t, s, command)
		if err != nil || exists(s.directory) || strings.HasPrefix(text, "-cache-directory") {
			t.Errorf("%s: %v\n%s", command, err, text)
		}
	}
}

// TestCacheOfAnotherFolder does not let a slip of the hand look like an empty cache.
func TestCacheOfAnotherFolder(t *testing.T) {
	folder := t.TempDir()
	for _, command := range []string{"list", "prune", "verify"} {
		text, err := cache(t, storeOf(filepath.Join(folder, "absent")), command)
		if err != nil || !strings.HasPrefix(text, "-cache-directory: there is no "+folder+"/absent: ") {
			t.Errorf("%s: %v\n%s", command, err, text)
		}
		must(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))
		if text, err := cache(t, storeOf(filepath.Join(folder, "file")), command); err == nil || !strings.Contains(err.Error(), "must be the folder") {
			t.Errorf("%s: %v\n%s", command, err, text)
		}
	}
}

// TestPruneOfOtherThings does not wait for somebody to write to a named pipe, and leaves alone what no build makes.
func TestPruneOfOtherThings(t *testing.T) {
	s, digests := built(t)
	path := s.newFile(digests[0].Digest, "ffffffff")
	must(t, unix.Mkfifo(path, 0o600))
	pipe := s.jsonPath(strings.Repeat("f", 64))
	must(t, unix.Mkfifo(pipe, 0o600))
	for _, command := range []string{"list", "verify"} {
		if text, err := cache(t, s, command); !strings.Contains(text, strings.Repeat("f", 12)) || command == "verify" && err == nil {
			t.Errorf("%s: %v\n%s", command, err, text)
		}
	}
	if text, err := cache(t, s, "prune", "-all"); err != nil || !exists(path) || exists(pipe) || published(t, s) != "" {
		t.Errorf("%v, left %s\n%s", err, published(t, s), text)
	}
}

func TestCacheVerify(t *testing.T) {
	s, digests := built(t)
	text, err := cache(t, s, "verify")
	if err != nil || !strings.HasPrefix(text, "read 5 layers and images, ") || !strings.HasSuffix(text, ": none is broken\n") {
		t.Errorf("%v\n%s", err, text)
	}
	tools, err := s.load(digests[2].Digest)
	must(t, err)
	flipByte(t, s, tools)
	rewrite(func(l *layer) { l.File = "../x" })(t, s, layer{Digest: testDigests("packages", "monitoring")[2].Digest})
	text, err = cache(t, s, "verify")
	if err == nil || !strings.HasPrefix(err.Error(), "2 broken; ") || !strings.Contains(err.Error(), "remove their .json") || strings.Count(text, "\n") != 3 || !strings.Contains(text, "(tools): checksum mismatch") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestCachePrune(t *testing.T) {
	s, digests := built(t)
	for _, c := range []struct{ arguments, left, says string }{
		{"", "monitoring nvidia packages source tools", "there is nothing to remove"},
		{"-older 9h", "monitoring nvidia packages source tools", "there is nothing to remove"},
		{"-size 1", "monitoring nvidia packages source tools", "there is nothing to remove"},
		{"-all -dry-run", "monitoring nvidia packages source tools", "would remove layer " + short(digests[3].Digest) + " (nvidia)"},
		{"-older 1ns", "", "removed layer " + short(digests[3].Digest) + " (nvidia)"},
		{"-all", "", "there is nothing to remove"},
	} {
		text, err := cache(t, s, append([]string{"prune"}, strings.Fields(c.arguments)...)...)
		if err != nil || !strings.Contains(text, c.says) || published(t, s) != c.left {
			t.Errorf("%s: %v, left %s\n%s", c.arguments, err, published(t, s), text)
		}
	}
}

func TestCacheUsage(t *testing.T) {
	s := storeOf(t.TempDir())
	for arguments, want := range map[string]string{
		"":               "must be followed by list, prune or verify",
		"lost":           "must be followed by list, prune or verify",
		"list x":         "takes no arguments",
		"prune -size -1": "must not be negative",
		"prune -older x": "invalid value",
	} {
		if text, err := cache(t, s, strings.Fields(arguments)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v\n%s", arguments, err, text)
		}
	}
	if text, err := cache(t, s, "-h"); err != nil || !strings.Contains(text, "list, prune or verify") {
		t.Errorf("-h: %v\n%s", err, text)
	}
	if text, err := cache(t, s, "prune", "-h"); err != nil || !strings.Contains(text, "-dry-run") {
		t.Errorf("-h: %v\n%s", err, text)
	}
}
