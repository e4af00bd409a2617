package bump

import (
	"fmt"
	"strings"
	"testing"
)

// TestWhereChecksumsComeFrom: GitHub's digest first, then the publisher's file, and only then a download.
func TestWhereChecksumsComeFrom(t *testing.T) {
	all := func(version string) (text string) {
		for _, name := range names(version) {
			text += fmt.Sprintf("%s  %s\n", sum256(name), name)
		}
		return text
	}
	var tags string
	for _, name := range names("1.1.0") {
		tags += fmt.Sprintf("SHA256 (%s) = %s\n", name, strings.ToUpper(sum256(name)))
	}
	for _, c := range []struct {
		name      string
		digests   bool
		files     map[string]string // the publisher's
		want      string
		downloads int
	}{
		{name: "digest", digests: true, want: "GitHub's digest of the asset"},
		{name: "digest and file", digests: true, files: map[string]string{"SHA256SUMS": all("1.1.0")}, want: "GitHub's digest of the asset, SHA256SUMS"},
		{name: "file", files: map[string]string{"sha256sums.txt": all("1.1.0")}, want: "sha256sums.txt"},
		{name: "file with the lines of --tag", files: map[string]string{"tool_1.1.0_SHA256SUMS": tags}, want: "tool_1.1.0_SHA256SUMS"},
		{name: "a file for each", files: map[string]string{names("1.1.0")[0] + ".sha256": sum256(names("1.1.0")[0]) + "\n", names("1.1.0")[1] + ".sha256sum": all("1.1.0")},
			want: "tool_1.1.0_amd64.tar.gz.sha256; tool_1.1.0_arm64.tar.gz.sha256sum"},
		{name: "file of other names", files: map[string]string{"checksums.txt": all("1.0.0")}, want: "download", downloads: 2},
		{name: "name that is no name", files: map[string]string{"../../x_checksums.txt": all("1.1.0")}, want: "download", downloads: 2},
		{name: "nothing", want: "download", downloads: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPublishers(t)
			r := v("1.1.0")
			if !c.digests {
				r = r.withoutDigests()
			}
			for name, text := range c.files {
				r.Assets = append(r.Assets, jsonAsset{name, "uploaded", len(text), daysAgo(10), nil, "https://github.com/own/tool/releases/download/v1.1.0/" + name})
				p.text("release-assets.githubusercontent.com/"+name, text)
			}
			p.repository("own/tool", 3, v("1.0.0"), r)
			b, _ := p.command(t, tool("1.0.0", ""))
			got := b.examine(t.Context(), loaded(t, b)[0])
			if got.err != nil || got.sources() != c.want {
				t.Errorf("got %q, %v", got.sources(), got.err)
			}
			for i, arch := range []string{"amd64", "arm64"} {
				if want := "sha256:" + sum256(names("1.1.0")[i]); got.files[arch].Checksum != want {
					t.Errorf("%s: got %s, want %s", arch, got.files[arch].Checksum, want)
				}
			}
			downloads := p.asked("release-assets.githubusercontent.com/"+names("1.1.0")[0]) + p.asked("release-assets.githubusercontent.com/"+names("1.1.0")[1])
			if downloads != c.downloads {
				t.Errorf("downloaded %d files, want %d", downloads, c.downloads)
			}
		})
	}
}

func TestReadSums(t *testing.T) {
	a, b := sum256("a"), sum256("b")
	for _, c := range []struct {
		name, text string
		single     bool
		want       string
		wantErr    string
	}{
		{name: "sha256sum", text: b + "  b\n" + a + "  a\n", want: "sha256:" + a},
		{name: "binary mode, folder, Windows line", text: a + " *./dist/a\r\n", want: "sha256:" + a},
		{name: "sha512sum", text: sum512("a") + "  a\n", want: "sha512:" + sum512("a")},
		{name: "other name", text: a + "  a.asc\n" + a + "  xa\n"},
		{name: "a checksum without a name means nothing among many", text: a + "\n"},
		{name: "a checksum alone", text: a + "\n", single: true, want: "sha256:" + a},
		{name: "no checksum", text: "<html>not found</html>", single: true, wantErr: "the file of checksums for a has none"},
		{name: "too short", text: a[:63] + "  a\n"},
		{name: "two", text: a + "  a\n" + b + "  a\n", wantErr: "the file of checksums has two for a: sha256:" + a + " and sha256:" + b},
		{name: "twice the same", text: a + "  a\n" + a + "  a\n", want: "sha256:" + a},
	} {
		got, err := readSums([]byte(c.text), "a", c.single)
		if got != c.want || errorText(err) != c.wantErr {
			t.Errorf("%s: got %q, %v; want %q, %s", c.name, got, err, c.want, c.wantErr)
		}
	}
}

func TestRenamed(t *testing.T) {
	for _, c := range []struct{ version, text, want string }{
		{"1.1", "https://x/v1.1/tool-1.1-linux.tar.gz", "https://x/v2.0/tool-2.0-linux.tar.gz"},
		{"1.1", "https://x/v1.1/tool-1.1.linux.tar.gz", "https://x/v2.0/tool-2.0.linux.tar.gz"},
		{"1.1", "https://x/1.1/tool-1.1.4-21.1-1.15.gz", "https://x/2.0/tool-1.1.4-21.1-1.15.gz"},
		{"1.1", "https://x/1.1.1.1/1.1", "https://x/1.1.1.1/2.0"},
		{"20300601-17", "https://x/20300601-17/debian-13-amd64-20300601-17.qcow2", "https://x/2.0/debian-13-amd64-2.0.qcow2"},
	} {
		p := pin{}
		p.Version = c.version
		if got := p.renamed(c.text, "2.0"); got != c.want {
			t.Errorf("%s in %s: got %s, want %s", c.version, c.text, got, c.want)
		}
	}
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		updateType, older, newer string
	}{
		{"github-release", "1.9.0", "1.10.0"}, {"github-release", "1.0.0-rc.1", "1.0.0"}, {"go-release", "1.27rc1", "1.27.0"},
		{"debian-cloud", "20300601-17", "20300601-18"}, {"ubuntu-cloud", "20300601", "20300601.1"},
		{"apt-package", "1.20.1-1", "1.21.0-1"}, {"apt-package", "1.21.0~rc.1-1", "1.21.0-1"},
	} {
		order := orderOf(c.updateType)
		if than, err := order.compare(c.older, c.newer); err != nil || than >= 0 {
			t.Errorf("%+v: got %d, %v", c, than, err)
		}
		if got, want := order.isPreRelease(c.older), strings.Contains(c.older, "rc"); got != want {
			t.Errorf("%s: is a pre-release: %v", c.older, got)
		}
	}
}
