package libvirt

import (
	"fmt"
	"strings"
	"testing"
)

func TestMirrored(t *testing.T) {
	c := &Config{Mirrors: map[string]string{
		"github.com": "https://mirror.example:8443/gh/", "GO.dev": "http://127.0.0.1:8080", "files.example:8080": "http://me:s3cret@m.example/files",
		"ports.example:443": "http://m.example/ports",
	}}
	for given, want := range map[string]string{
		"https://github.com/a/b.tar.gz":          "https://mirror.example:8443/gh/a/b.tar.gz",
		"https://github.com:443/a/b.tar.gz":      "https://mirror.example:8443/gh/a/b.tar.gz",
		"https://github.com:8443/a/b.tar.gz":     "https://github.com:8443/a/b.tar.gz",
		"https://api.github.com/a":               "https://api.github.com/a",
		"https://go.dev/dl/go%2B1.tar.gz?a=b":    "http://127.0.0.1:8080/dl/go%2B1.tar.gz?a=b",
		"http://files.example:8080/x":            "http://me:s3cret@m.example/files/x",
		"http://files.example/x":                 "http://files.example/x",
		"https://ports.example/x":                "http://m.example/ports/x",
		"http://ports.example/x":                 "http://ports.example/x",
		"/var/lib/images/github.com/image.qcow2": "/var/lib/images/github.com/image.qcow2",
	} {
		if got := c.mirrored(given); got != want {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
	}
}

// TestMirrorWithSecrets fetches with user and password, and shows neither, whatever happens.
func TestMirrorWithSecrets(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/files/fzf.bin": content, "/files/wrong.bin": []byte("wrong")})
	p.user, p.password = "t0ken", "s3cret"
	base := strings.Replace(p.URL, "http://", "http://t0ken:s3cret@", 1)
	c := pins(t, t.TempDir(),
		pinnedFile{Name: "fzf", URL: "https://upstream.example/fzf.bin", Checksum: sumOf(content)},
		pinnedFile{Name: "wrong", URL: "https://upstream.example/wrong.bin", Checksum: sumOf(nil)},
		pinnedFile{Name: "missing", URL: "https://upstream.example/missing.bin", Checksum: sumOf([]byte("m"))},
		pinnedFile{Name: "nowhere", URL: "https://nowhere.example/x.bin?token=s3cret", Checksum: sumOf([]byte("n"))})
	c.Mirrors = map[string]string{"upstream.example": base + "/files", "nowhere.example": "http://t0ken:s3cret@127.0.0.1:1"}
	ui := testUI(t)
	_, err := c.fetchForTest(t, t.Context(), ui)
	if err == nil || strings.Contains(err.Error(), "artifacts: fzf") {
		t.Fatalf("want all but fzf to fail, got %v", err)
	}
	files, _ := c.pinnedFiles()
	said := fmt.Sprint(ui.text(), err, c.mirrorsInUse([]download{c.artifactDownload(files[1], ui)}), c.manifestArtifacts(files))
	if strings.Contains(said, "s3cret") || strings.Contains(said, "t0ken") {
		t.Errorf("shows a secret: %s", said)
	}
	for _, want := range []string{"(from http://xxxxx@127.0.0.1", "look at mirrors", "{fzf 1.0 https://upstream.example/fzf.bin"} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q in %s", want, said)
		}
	}
}

func TestRedacted(t *testing.T) {
	for given, want := range map[string]string{
		"https://token@example.org/a?b=c#d": "https://xxxxx@example.org/a", "/a/b?c": "/a/b?c", "http://a b": "a URL that cannot be read",
	} {
		if got := redacted(given); got != want {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
	}
}
