package libvirt

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// publishTestImage keeps an image that was made of the layer.
func publishTestImage(t *testing.T, s layerStore, from layerDigest, console string) layer {
	t.Helper()
	exported := filepath.Join(t.TempDir(), "ingot-base.qcow2")
	write(t, exported, strings.Repeat("image of "+from.Digest, 900))
	checksum, size, err := hashFile(t.Context(), exported)
	must(t, err)
	image := layer{Digest: digestOf(from.Digest, "image"), Parent: from.Digest, Checksum: checksum, Size: size, Task: "harden", Profile: "base"}
	files := map[string][]byte{"console.log": []byte(console), "manifest.json": []byte("{}\n")}
	must(t, s.publishImage(t.Context(), image, "0000000a", exported, files))
	return image
}

func TestImage(t *testing.T) {
	s, digests := built(t)
	console := "\x00\xff\x1b[31mbytes that are no text\r\n"
	image := publishTestImage(t, s, digests[3], console)
	var said lines
	cached, err := s.lookupImage(t.Context(), image.Digest, said.say)
	must(t, err)
	defer cached.Close()
	content, err := os.ReadFile(cached.path)
	if err != nil || sha256Of(content) != strings.TrimPrefix(image.Checksum, "sha256:") || string(cached.Files["console.log"]) != console {
		t.Errorf("%v, files %q", err, cached.Files)
	}
	must(t, s.prune(t.Context(), cacheLimits{all: true}, said.say))
	if !exists(cached.path) || published(t, s) != "image" {
		t.Error("an image was removed while a build restored it")
	}
	must(t, cached.Close())
	if other, err := s.lookupImage(t.Context(), digests[1].Digest, said.say); other != nil || err != nil {
		t.Errorf("a digest without an image: %v, %v", other, err)
	}
}

// TestImageUsesItsLayers: a profile that is restored again and again keeps its layers.
func TestImageUsesItsLayers(t *testing.T) {
	s, digests := built(t)
	image := publishTestImage(t, s, digests[3], "")
	for _, d := range digests {
		s.age(t, d.Digest, 10*day)
	}
	var said lines
	cached, err := s.lookupImage(t.Context(), image.Digest, said.say)
	must(t, err)
	must(t, cached.Close())
	must(t, s.prune(t.Context(), cacheLimits{age: day}, said.say))
	if got := published(t, s); got != "image monitoring nvidia packages source tools" {
		t.Errorf("left: %s, said\n%s", got, said)
	}
}

func TestBrokenImage(t *testing.T) {
	for name, harm := range map[string]func(*testing.T, layerStore, layer){
		"a changed byte":    flipByte,
		"a truncated file":  func(t *testing.T, s layerStore, l layer) { must(t, os.Truncate(s.path(l.File), 5)) },
		"no file":           func(t *testing.T, s layerStore, l layer) { must(t, os.Remove(s.path(l.File))) },
		"a truncated JSON":  func(t *testing.T, s layerStore, l layer) { must(t, os.Truncate(s.jsonPath(l.Digest), 300)) },
		"a changed log":     rewrite(func(l *layer) { l.Files["console.log"] = []byte("another") }),
		"a missing log":     rewrite(func(l *layer) { delete(l.Files, "console.log") }),
		"a layer's file":    rewrite(func(l *layer) { l.File = l.Digest + ".0000000a.qcow2"; l.FilesSum = "" }),
		"another JSON here": rewrite(func(l *layer) { l.Digest = digestOf("other") }),
	} {
		t.Run(name, func(t *testing.T) {
			s, digests := built(t)
			image := publishTestImage(t, s, digests[3], "console")
			kept, err := s.load(image.Digest)
			must(t, err)
			harm(t, s, kept)
			verifiedFiles.Clear()
			var said lines
			cached, err := s.lookupImage(t.Context(), image.Digest, said.say)
			if cached != nil || err != nil || len(said) != 1 || !strings.HasPrefix(said[0], "dropped ") {
				t.Errorf("%v, %v, said\n%s", cached, err, said)
			}
			if got := published(t, s); got != "monitoring nvidia packages source tools" {
				t.Errorf("left: %s", got)
			}
			must(t, s.prune(t.Context(), cacheLimits{}, said.say))
			publishTestImage(t, s, digests[3], "console")
		})
	}
}

// TestImageIsNoLayer: it stands on nothing, so a broken layer leaves it; and no chain goes through it.
func TestImageIsNoLayer(t *testing.T) {
	s, digests := built(t)
	publishTestImage(t, s, digests[3], "")
	source, err := s.load(digests[0].Digest)
	must(t, err)
	flipByte(t, s, source)
	verifiedFiles.Clear()
	var said lines
	if chain, err := s.deepest(t.Context(), digests, said.say); chain != nil || err != nil || len(said) != 5 || published(t, s) != "image" {
		t.Errorf("%s, %v, said\n%s", tasksOf(chain), err, said)
	}
	image := layerDigest{Digest: digestOf(digests[3].Digest, "image")}
	if chain, err := s.deepest(t.Context(), []layerDigest{image}, said.say); chain != nil || err != nil {
		t.Errorf("%v, %v", chain, err)
	}
}

func TestCloneIsAFileOfItsOwn(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	content := bytes.Repeat([]byte("0123456789abcdef"), 5<<20)
	must(t, os.WriteFile(from, content, 0o600))
	must(t, cloneFile(t.Context(), from, to))
	write(t, from, "changed")
	if got, err := os.ReadFile(to); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
