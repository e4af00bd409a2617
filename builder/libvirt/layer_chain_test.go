package libvirt

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDeepest(t *testing.T) {
	s, digests := built(t)
	for name, c := range map[string]struct {
		digests []layerDigest
		want    string
	}{
		"all":             {digests, "source packages tools nvidia"},
		"another profile": {testDigests("packages", "monitoring", "gpu"), "source packages monitoring"},
		"only the source": {testDigests("other"), "source "},
		"another source":  {[]layerDigest{{Digest: digestOf("other")}}, "nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			var said lines
			chain, err := s.deepest(t.Context(), c.digests, said.say)
			if err != nil || tasksOf(chain) != c.want || len(said) != 0 {
				t.Fatalf("got %s, %v, said %q", tasksOf(chain), err, said)
			}
			if chain == nil {
				return
			}
			defer chain.Close()
			top, format := chain.top()
			last := c.digests[chain.depth()-1]
			if l, err := s.load(last.Digest); err != nil || s.path(l.File) != top || format != "qcow2" || l.Hits == 0 {
				t.Errorf("top %s, layer %+v, %v", top, l, err)
			}
			if _, err := qemuImg(t.Context(), time.Minute, "info", "--backing-chain", top); err != nil {
				t.Errorf("QEMU cannot open the chain: %v", err)
			}
		})
	}
}

// TestDeepestWithoutStore is a build on a new machine.
func TestDeepestWithoutStore(t *testing.T) {
	chain, err := storeOf(t.TempDir()).deepest(t.Context(), testDigests("packages"), nil)
	if chain != nil || err != nil {
		t.Errorf("%v, %v", chain, err)
	}
}

// TestDeepestDropsWhatIsBroken does one thing to the layer packages, or to the one on it, and sees the next build start below.
func TestDeepestDropsWhatIsBroken(t *testing.T) {
	const packages, tools = 1, 2
	for name, c := range map[string]struct {
		layer int
		harm  func(t *testing.T, s layerStore, l layer)
		want  string
		said  []string // a part of each line
	}{
		"a changed byte": {tools, flipByte, "source packages", []string{"(tools): checksum mismatch", "(nvidia): it stands on"}},
		"two branches": {packages, flipByte, "source ",
			[]string{"(packages): checksum mismatch", "(tools): it stands on", "(nvidia): it stands on", "(monitoring): it stands on"}},
		"a truncated file": {tools, func(t *testing.T, s layerStore, l layer) { must(t, os.Truncate(s.path(l.File), l.Size-1)) },
			"source packages", []string{"bytes, is ", "(nvidia)"}},
		"no file": {tools, func(t *testing.T, s layerStore, l layer) { must(t, os.Remove(s.path(l.File))) },
			"source packages", []string{"no such file", "(nvidia)"}},
		"a folder": {tools, func(t *testing.T, s layerStore, l layer) {
			must(t, os.Remove(s.path(l.File)))
			must(t, os.Mkdir(s.path(l.File), 0o755))
		}, "source packages", []string{"(tools)", "(nvidia)"}},
		"a truncated JSON": {tools, func(t *testing.T, s layerStore, l layer) { must(t, os.Truncate(s.jsonPath(l.Digest), 100)) },
			"source packages", []string{"not complete JSON", "(nvidia)"}},
		"an empty JSON": {tools, func(t *testing.T, s layerStore, l layer) { must(t, os.Truncate(s.jsonPath(l.Digest), 0)) },
			"source packages", []string{"not complete JSON", "(nvidia)"}},
		"another folder":   {tools, rewrite(func(l *layer) { l.File = "../" + l.File }), "source packages", []string{"none of this layer", "(nvidia)"}},
		"an absolute path": {tools, rewrite(func(l *layer) { l.File = "/etc/passwd" }), "source packages", []string{"none of this layer", "(nvidia)"}},
		"another layer's file": {tools, func(t *testing.T, s layerStore, l layer) {
			other, err := s.load(l.Parent)
			must(t, err)
			rewrite(func(l *layer) { l.File = other.File })(t, s, l)
		}, "source packages", []string{"none of this layer", "(nvidia)"}},
		"another layer's JSON": {tools, func(t *testing.T, s layerStore, l layer) {
			text, err := os.ReadFile(s.jsonPath(l.Parent))
			must(t, err)
			must(t, os.WriteFile(s.jsonPath(l.Digest), text, 0o600))
		}, "source packages", []string{"of another layer", "(nvidia)"}},
		"another parent":  {tools, rewrite(func(l *layer) { l.Parent = digestOf("other") }), "source packages", []string{"names the parent", "(nvidia)"}},
		"a circle of one": {tools, rewrite(func(l *layer) { l.Parent = l.Digest }), "source packages", []string{"no other layer", "(nvidia)"}},
		"a circle": {packages, func(t *testing.T, s layerStore, l layer) {
			top := testDigests("packages", "tools", "nvidia")[3].Digest
			rewrite(func(l *layer) { l.Parent = top })(t, s, l)
		}, "source ", []string{"(packages): its description names the parent", "(tools)", "(nvidia)", "(monitoring)"}},
		"a missing parent": {packages, func(t *testing.T, s layerStore, l layer) { must(t, os.Remove(s.jsonPath(l.Digest))) },
			"source ", []string{"(tools): it stands on", "(nvidia)", "(monitoring)"}},
		"a parent made anew": {packages, func(t *testing.T, s layerStore, l layer) {
			must(t, os.Remove(s.jsonPath(l.Digest)))
			must(t, s.build(t.Context(), testDigests("packages"), "0000000c"))
		}, "source packages", []string{".0000000c.qcow2", "(nvidia)"}},
		"a checksum of another kind": {tools, rewrite(func(l *layer) { l.Checksum = "md5:abc" }), "source packages", []string{"no sha256", "(nvidia)"}},
		"a raw layer":                {tools, rewrite(func(l *layer) { l.Format = "raw" }), "source packages", []string{"format", "(nvidia)"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, digests := built(t)
			l, err := s.load(digests[c.layer].Digest)
			must(t, err)
			c.harm(t, s, l)
			verifiedFiles.Clear() // this process read the files when they were right
			var said lines
			chain, err := s.deepest(t.Context(), digests, said.say)
			if err != nil || tasksOf(chain) != c.want || len(said) != len(c.said) {
				t.Fatalf("got %s, %v, want %s; said\n%s", tasksOf(chain), err, c.want, said)
			}
			defer chain.Close()
			for _, part := range c.said {
				if !strings.Contains(said.String(), part) {
					t.Errorf("%q was not said in\n%s", part, said)
				}
			}
			for _, d := range digests[chain.depth():] {
				if exists(s.jsonPath(d.Digest)) {
					t.Errorf("%s is left", d.Task)
				}
			}
			must(t, s.build(t.Context(), digests, "0000000d"))
			if again, err := s.deepest(t.Context(), digests, said.say); err != nil || tasksOf(again) != "source packages tools nvidia" {
				t.Errorf("built anew: %s, %v", tasksOf(again), err)
			}
		})
	}
}

func rewrite(change func(*layer)) func(*testing.T, layerStore, layer) {
	return func(t *testing.T, s layerStore, l layer) {
		digest := l.Digest
		change(&l)
		text, err := json.Marshal(l)
		must(t, err)
		must(t, os.WriteFile(s.jsonPath(digest), text, 0o600))
	}
}

// flipByte changes the last byte of the data, as a bad disk would: neither size nor time of change tell.
func flipByte(t *testing.T, s layerStore, l layer) {
	path := s.path(l.File)
	info, err := os.Stat(path)
	must(t, err)
	text, err := os.ReadFile(path)
	must(t, err)
	text[len(text)-1] ^= 1
	must(t, os.WriteFile(path, text, 0o644))
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
}

// TestNoSecondPass: a process believes what it has read, until somebody writes to the file; `cache verify` reads all of it.
func TestNoSecondPass(t *testing.T) {
	s, digests := built(t)
	nvidia, err := s.load(digests[3].Digest)
	must(t, err)
	flipByte(t, s, nvidia)
	var said lines
	chain, err := s.deepest(t.Context(), digests, said.say)
	if err != nil || tasksOf(chain) != "source packages tools nvidia" {
		t.Fatalf("read twice: %s, %v, said %q", tasksOf(chain), err, said)
	}
	must(t, chain.Close())
	var out bytes.Buffer
	err = ManageCache(t.Context(), []string{"verify", "-cache-directory", filepath.Dir(s.directory)}, &out)
	if err == nil || !strings.Contains(out.String(), "(nvidia): checksum mismatch") {
		t.Errorf("verify: %v\n%s", err, &out)
	}
	if chain, err = s.deepest(t.Context(), digests, said.say); err != nil || tasksOf(chain) != "source packages tools" || len(said) != 1 {
		t.Errorf("after verify: %s, %v, said %q", tasksOf(chain), err, said)
	}
}
