package bump

import (
	"fmt"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// TestShippedFile lets publishers offer what the shipped versions.yaml pins, and one version more: every pin is found where its type of
// update looks for it, compared, and moves to the URL that has the new version. Only the keys of apt repositories are the test's.
func TestShippedFile(t *testing.T) {
	data, err := os.ReadFile("../../../versions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, s := newPublishers(t), newSigner(t)
	text := ownKeys(string(data), s)
	pins, err := versions.Parse("versions.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b := &bump{}
	all, err := b.selectPins(pins)
	if err != nil {
		t.Fatal(err)
	}
	ubuntu, wanted := map[string]any{}, map[string]string{}
	for _, one := range all {
		next := map[string]string{"debian-cloud": "20300601-9999", "ubuntu-cloud": "20300601", "apt-flat-package": "99.1.0-1"}[one.Update.Type]
		if next == "" {
			next = "99.1.0"
		}
		p.offer(one, next, s, ubuntu)
		wanted[one.String()] = one.Version + " → " + next
	}
	p.json("cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.json", map[string]any{"products": ubuntu})
	states := p.states(t, text, "-mirror", "packages.fluentbit.io="+p.URL+"/packages.fluentbit.io", "-mirror", "nvidia.github.io="+p.URL+"/nvidia.github.io")
	for name, want := range wanted {
		if got := states[name]; !strings.HasPrefix(got, want+": update, published 20") || strings.Contains(got, ";") {
			t.Errorf("%s\n got: %s\nwant: %s", name, got, want)
		}
	}
}

// ownKeys is text with another fingerprint in each signed_by.
func ownKeys(text string, s signer) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if before, _, ok := strings.Cut(line, "signed_by: "); ok && !strings.HasPrefix(line, "#") {
			lines[i] = before + "signed_by: " + s.fingerprint() + "\n"
		}
	}
	return strings.Join(lines, "")
}

// offer lets the publisher of a pin have the pinned version with the pinned checksums, and next.
func (p *publishers) offer(one pin, next string, s signer, ubuntu map[string]any) {
	digits := func(arch, version string) string {
		if version == one.Version {
			_, digits, _ := strings.Cut(one.Downloads[arch].Checksum, ":")
			return digits
		}
		return sum256(one.fileName(arch, version) + arch)
	}
	switch one.Update.Type {
	case "github-release":
		var releases []jsonRelease
		for _, v := range []string{one.Version, next} {
			release := published(one.Update.Settings["repository"], "v"+v)
			for _, arch := range one.architectures() {
				digest := "sha256:" + digits(arch, v)
				release.Assets = append(release.Assets, jsonAsset{one.fileName(arch, v), "uploaded", 1, daysAgo(10), &digest, one.renamed(one.Downloads[arch].URL, v)})
			}
			releases = append(releases, release)
		}
		p.repository(one.Update.Settings["repository"], 3, releases...)
	case "go-release":
		var list []map[string]any
		for _, v := range []string{next, one.Version} {
			var files []map[string]any
			for _, arch := range one.architectures() {
				files = append(files, map[string]any{"filename": one.fileName(arch, v), "sha256": digits(arch, v)})
				p.text("go.dev/dl/"+one.fileName(arch, v), "")
			}
			list = append(list, map[string]any{"version": "go" + v, "stable": true, "files": files})
		}
		p.json("go.dev/dl/", list)
	case "rust-release":
		p.rust("2030-06-01", next, func(text string) string { return text })
		for _, arch := range one.architectures() {
			p.text(strings.TrimPrefix(one.Downloads[arch].URL, "https://")+".sha256", digits(arch, one.Version)+"  "+one.fileName(arch, one.Version))
		}
	case "debian-cloud":
		index := ""
		for _, v := range []string{one.Version, next} {
			folder, sums := "cloud.debian.org/images/cloud/"+one.Update.Settings["codename"]+"/"+v+"/", ""
			for _, arch := range one.architectures() {
				sum := sum512(one.fileName(arch, v))
				if v == one.Version {
					sum = digits(arch, v)
				}
				sums += sum + "  " + one.fileName(arch, v) + "\n"
			}
			p.text(folder+"SHA512SUMS", sums)
			index += fmt.Sprintf(`<a href="%s/">%[1]s/</a>`, v)
		}
		p.text("cloud.debian.org/images/cloud/"+one.Update.Settings["codename"]+"/", index)
	case "ubuntu-cloud":
		for _, arch := range one.architectures() {
			all := map[string]any{}
			for _, v := range []string{one.Version, next} {
				at := "server/" + strings.TrimPrefix(one.renamed(one.Downloads[arch].URL, v), "https://cloud-images.ubuntu.com/")
				all[v] = map[string]any{"items": map[string]any{"disk1.img": map[string]any{"path": at, "sha256": digits(arch, v)}}}
			}
			ubuntu["com.ubuntu.cloud:server:x:"+arch] = map[string]any{"arch": arch, "release": one.Update.Settings["release"], "versions": all}
		}
	default: // apt
		p.offerPackages(one, next, s, digits)
	}
}

func (p *publishers) offerPackages(one pin, next string, s signer, digits func(arch, version string) string) {
	p.text(strings.TrimPrefix(one.Update.Settings["key"], "https://"), s.public())
	indexes := map[string]string{}
	for _, arch := range one.architectures() {
		repository := aptRepository{p: one, architecture: arch}
		index := ""
		for _, v := range []string{one.Version, next} {
			url := one.renamed(one.Downloads[arch].URL, v)
			p.text(strings.TrimPrefix(url, "https://"), "")
			index += fmt.Sprintf("Package: %s\nVersion: %s\nArchitecture: %s\nFilename: %s\nSHA256: %s\n\n",
				one.Update.Settings["package"], v, arch, strings.TrimPrefix(url, repository.root()+"/"), digits(arch, v))
		}
		folder, within := strings.TrimPrefix(repository.root(), "https://"), "Packages"
		if one.Update.Type == "apt-package" {
			folder = path.Join(folder, "dists", one.Update.Settings["suite"])
			within = one.Update.Settings["component"] + "/binary-" + arch + "/Packages"
		}
		indexes[within] = index
		p.text(folder+"/"+within, index)
		p.text(folder+"/InRelease", s.clear(releaseText("", indexes)))
	}
}
