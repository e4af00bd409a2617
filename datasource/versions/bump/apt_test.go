package bump

import (
	"strings"
	"testing"
)

func aptPin(s signer) string {
	return `images: {}
tools:
  apt-tool:
    version: 1.0.0
    update: {type: apt-package, repository: https://packages.example/debian, suite: trixie, component: main, package: apt-tool,
      key: https://packages.example/key.asc, signed_by: ` + s.fingerprint() + `}
    amd64: {url: https://packages.example/debian/pool/main/t/apt-tool_1.0.0_amd64.deb, checksum: sha256:` + sum256("apt-tool_1.0.0_amd64.deb") + `}
    arm64: {url: https://packages.example/debian/pool/main/t/apt-tool_1.0.0_arm64.deb, checksum: sha256:` + sum256("apt-tool_1.0.0_arm64.deb") + "}\n"
}

func TestApt(t *testing.T) {
	const suite = "packages.example/debian/dists/trixie/"
	failed := func(text string) string { return "1.0.0: failed: amd64: https://" + suite + text }
	for _, c := range []struct {
		name   string
		change func(p *publishers, s signer)
		want   string
	}{
		{name: "InRelease, Packages.gz", change: func(*publishers, signer) {}, want: "1.0.0 → 2.0.0: update, published 2030-06-05"},
		{name: "another signer", change: func(p *publishers, _ signer) {
			p.text(suite+"InRelease", newSigner(t).clear(releaseText("", nil)))
		}, want: "1.0.0: ALARM: amd64: https://" + suite + "InRelease: is not signed by the key in signed_by: openpgp: signature made by unknown entity"},
		{name: "another key", change: func(p *publishers, _ signer) { p.text("packages.example/key.asc", newSigner(t).public()) },
			want: "1.0.0: ALARM: https://packages.example/key.asc has no key with the fingerprint in signed_by"},
		{name: "no key", change: func(p *publishers, _ signer) { delete(p.answers, "packages.example/key.asc") },
			want: "1.0.0: failed: https://packages.example/key.asc: 404 Not Found"},
		{name: "not signed", change: func(p *publishers, _ signer) { p.text(suite+"InRelease", releaseText("", nil)) },
			want: failed("InRelease: is not clear-signed")},
		{name: "text around the signed one is not believed", change: func(p *publishers, s signer) {
			at := p.indexesText("1.0.0", "2.0.0")
			p.text(suite+"InRelease", "Origin: evil\n\n"+s.clear(at)+"\nValid-Until: Fri, 14 Jun 2030 10:00:00 UTC\n")
		}, want: "1.0.0 → 2.0.0: update, published 2030-06-05"},
		{name: "changed after it was signed", change: func(p *publishers, s signer) {
			p.text(suite+"InRelease", strings.Replace(s.clear(releaseText("", nil)), "Suite: stable", "Suite: other", 1))
		}, want: "1.0.0: ALARM: amd64: https://" + suite + "InRelease: is not signed by the key in signed_by: openpgp: invalid signature: "},
		{name: "another Packages", change: func(p *publishers, _ signer) { p.text(suite+"main/binary-amd64/Packages.gz", zipped("Package: evil")) },
			want: failed("main/binary-amd64/Packages.gz: has ")},
		{name: "no longer valid", change: func(p *publishers, s signer) {
			p.apt(s, "Valid-Until: Fri, 14 Jun 2030 10:00:00 UTC\n", "1.0.0", "2.0.0")
		},
			want: "1.0.0: failed: amd64: https://packages.example/debian/dists/trixie: the signed Release was valid until "},
		{name: "still valid", change: func(p *publishers, s signer) {
			p.apt(s, "Valid-Until: Sun, 16 Jun 2030 10:00:00 UTC\n", "1.0.0", "2.0.0")
		},
			want: "1.0.0 → 2.0.0: update, published 2030-06-05"},
		{name: "lists nothing", change: func(p *publishers, s signer) { p.text(suite+"InRelease", s.clear(releaseText("", nil))) },
			want: "1.0.0: failed: amd64: https://packages.example/debian/dists/trixie: the signed Release lists no main/binary-amd64/Packages"},
		{name: "one architecture only", change: func(p *publishers, s signer) {
			p.aptIndexes(s, packagesText("", "apt-tool", "amd64", "1.0.0", "2.0.0"), packagesText("", "apt-tool", "arm64", "1.0.0"))
		}, want: "1.0.0: current"},
		{name: "a file name that leads elsewhere", change: func(p *publishers, s signer) {
			p.aptIndexes(s, packagesText("../../../", "apt-tool", "amd64", "2.0.0"), packagesText("", "apt-tool", "arm64", "2.0.0"))
		}, want: `1.0.0: failed: amd64: reading Packages: version "2.0.0" has the Filename "../../../apt-tool_2.0.0_amd64.deb" and the SHA256 `},
		{name: "the package is gone", change: func(p *publishers, s signer) { p.aptIndexes(s, "Package: other\n", "Package: other\n") },
			want: "1.0.0: failed: no version of apt-tool is there for all of ?amd64 arm64?"},
		{name: "the pinned version has another checksum", change: func(p *publishers, s signer) {
			index := packagesText("pool/main/t/", "apt-tool", "amd64", "1.0.0", "2.0.0")
			p.aptIndexes(s, strings.ReplaceAll(index, sum256("apt-tool_1.0.0_amd64.deb"), sum256("x")), packagesText("pool/main/t/", "apt-tool", "arm64", "1.0.0", "2.0.0"))
		}, want: "1.0.0: ALARM: version 1.0.0 for amd64 has another checksum now: pinned sha256:" + sum256("apt-tool_1.0.0_amd64.deb") +
			", Packages, under the signed Release says sha256:" + sum256("x")},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, s := newPublishers(t), newSigner(t)
			p.apt(s, "", "1.0.0", "2.0.0")
			c.change(p, s)
			if got := p.states(t, aptPin(s))["tools.apt-tool"]; got != c.want && (!strings.Contains(c.want, ": failed") && !strings.Contains(c.want, "ALARM") || !strings.HasPrefix(got, c.want)) {
				t.Errorf("\n got: %s\nwant: %s", got, c.want)
			}
		})
	}
}

// indexesText is the Release of what the repository has.
func (p *publishers) indexesText(versions ...string) string {
	indexes := map[string]string{}
	for _, arch := range []string{"amd64", "arm64"} {
		indexes["main/binary-"+arch+"/Packages"] = packagesText("pool/main/t/", "apt-tool", arch, versions...)
	}
	return releaseText("", indexes)
}

// aptIndexes is the repository with other indexes.
func (p *publishers) aptIndexes(s signer, amd64, arm64 string) {
	const suite = "packages.example/debian/dists/trixie/"
	indexes := map[string]string{"main/binary-amd64/Packages": amd64, "main/binary-arm64/Packages": arm64}
	for name, content := range indexes {
		p.text(suite+name, content)
	}
	p.text(suite+"InRelease", s.clear(releaseText("", indexes)))
}
