package versions

import (
	"os"
	"strings"
	"testing"
)

func TestDigest(t *testing.T) {
	data, err := os.ReadFile("testdata/load/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	images, tools, _ := strings.Cut(text, "tools:")
	same := map[string]string{
		"comments and blank lines": "# more\n\n" + strings.ReplaceAll(text, "\n    version", " # why\n    version"),
		"order of sections":        "tools:" + tools + images,
		"quotes":                   strings.Replace(text, "20260914-2601\n", "\"20260914-2601\"\n", 1),
		"flow style":               strings.Replace(text, "{type: debian-cloud, codename: trixie}", "\n      codename: trixie\n      type: debian-cloud", 1),
		"review_by":                strings.Replace(text, "2027-02-28", "2027-03-31", 1),
		"update":                   strings.Replace(text, "{type: go-release}", "{type: rust-release}", 1),
	}
	other := map[string]string{
		"version":      strings.ReplaceAll(text, "20260914-2601", "20260914-2602"),
		"checksum":     strings.Replace(text, "sha256:b", "sha256:c", 1),
		"url":          strings.Replace(text, "debian-13-arm64.qcow2", "debian-13-arm64.raw", 1),
		"name":         strings.Replace(text, "debian-13:", "debian-14:", 1),
		"architecture": strings.Replace(text, "amd64: {url", "arm64: {url", 1),
		"section":      strings.Replace(images, "  debian-13:", "  go:", 1) + strings.Replace("tools:"+tools, "  go:", "  debian-13:", 1),
	}
	want := digest(t, text)
	for name, variant := range same {
		if variant == text || digest(t, variant) != want {
			t.Errorf("%s: must not change the digest", name)
		}
	}
	for name, variant := range other {
		if variant == text || digest(t, variant) == want {
			t.Errorf("%s: must change the digest", name)
		}
	}
}

// FuzzParse looks for input that panics, or that is accepted and then means something else when read again.
func FuzzParse(f *testing.F) {
	for _, path := range []string{"testdata/load/good.yaml", "testdata/load/everything-at-once.yaml", "testdata/load/bomb.yaml", "testdata/load/tags-and-merge.yaml"} {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		pins, err := Parse("versions.yaml", data)
		if err != nil {
			return
		}
		again, err := Parse("versions.yaml", append([]byte("# comment\n"), data...))
		if err != nil && !strings.HasPrefix(string(data), "%") {
			t.Fatalf("a comment in front makes it invalid: %v", err)
		}
		if err == nil && again.Digest() != pins.Digest() {
			t.Fatal("a comment in front changes the digest")
		}
	})
}

func digest(t *testing.T, text string) string {
	t.Helper()
	pins, err := Parse("versions.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return pins.Digest()
}
