package bump

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A publisher of each kind that versions.yaml knows, with the pinned version 1 and a version 2, in the shapes that the sources' comments document.

func (p *publishers) goDev(versions ...string) {
	var all []map[string]any
	for _, v := range versions {
		var files []map[string]any
		for _, arch := range []string{"amd64", "arm64"} {
			name := "go" + v + ".linux-" + arch + ".tar.gz"
			files = append(files, map[string]any{"filename": name, "os": "linux", "arch": arch, "version": "go" + v, "sha256": sum256(name), "size": 1, "kind": "archive"})
			p.text("go.dev/dl/"+name, content(name))
		}
		all = append(all, map[string]any{"version": "go" + v, "stable": !strings.Contains(v, "rc"), "files": files})
	}
	p.json("go.dev/dl/", all)
	list := p.answers["go.dev/dl/"]
	p.answers["go.dev/dl/"] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "mode=json&include=all" {
			io.WriteString(w, "<html>the page for people</html>")
			return
		}
		list(w, r)
	}
}

// rustChannelText is the beginning of a channel's manifest, with one other package and one other target.
func rustChannelText(date, version string, change func(string) string) string {
	text := fmt.Sprintf("manifest-version = \"2\"\ndate = \"%s\"\n[pkg.cargo]\nversion = \"0.9.0 (abc 2030-05-30)\"\n[pkg.rust]\nversion = \"%s (0123abcde 2030-06-01)\"\n", date, version)
	for _, target := range []string{"x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin"} {
		name := "rust-" + version + "-" + target
		text += fmt.Sprintf("[pkg.rust.target.%s]\navailable = true\nurl = \"https://static.rust-lang.org/dist/%s/%s.tar.gz\"\nhash = \"%s\"\nxz_url = \"https://static.rust-lang.org/dist/%[2]s/%[3]s.tar.xz\"\nxz_hash = \"%[5]s\"\n",
			target, date, name, sum256(name+".tar.gz"), sum256(name+".tar.xz"))
	}
	return change(text)
}

func (p *publishers) rust(date, version string, change func(string) string) {
	p.text("static.rust-lang.org/dist/channel-rust-stable.toml", rustChannelText(date, version, change))
	for _, v := range [][2]string{{date, version}, {"2030-05-01", "1.0.0"}} {
		for _, target := range []string{"x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"} {
			name := "rust-" + v[1] + "-" + target + ".tar.xz"
			p.text("static.rust-lang.org/dist/"+v[0]+"/"+name+".sha256", sum256(name)+"  "+name+"\n")
		}
	}
}

func (p *publishers) debian(folders ...string) {
	index := `<html><body><table><tr><td><a href="/images/cloud/">Parent Directory</a></td></tr><tr><td><a href="daily/">daily/</a></td></tr><tr><td><a href="latest/">latest/</a></td></tr>`
	for _, folder := range folders {
		index += fmt.Sprintf(`<tr><td><a href="%s/">%[1]s/</a></td><td align="right">2030-06-01 10:00  </td></tr>`, folder)
		var sums string
		for _, name := range []string{"debian-13-genericcloud-amd64-" + folder + ".qcow2", "debian-13-genericcloud-arm64-" + folder + ".qcow2", "debian-13-nocloud-amd64-" + folder + ".raw"} {
			sums += sum512(name) + "  " + name + "\n"
		}
		p.text("cloud.debian.org/images/cloud/trixie/"+folder+"/SHA512SUMS", sums)
	}
	p.text("cloud.debian.org/images/cloud/trixie/", index+"</table></body></html>")
}

func (p *publishers) ubuntu(dates ...string) {
	products := map[string]any{}
	for _, arch := range []string{"amd64", "arm64"} {
		versions := map[string]any{}
		for _, date := range dates {
			name := "ubuntu-24.04-server-cloudimg-" + arch + ".img"
			versions[date] = map[string]any{"items": map[string]any{
				"disk1.img": map[string]any{"ftype": "disk1.img", "path": "server/releases/noble/release-" + date + "/" + name, "sha256": sum256(date + name), "size": 1},
				"manifest":  map[string]any{"ftype": "manifest", "path": "server/releases/noble/release-" + date + "/ubuntu.manifest", "sha256": sum256("m"), "size": 1},
			}}
		}
		products["com.ubuntu.cloud:server:24.04:"+arch] = map[string]any{"arch": arch, "release": "noble", "release_title": "24.04 LTS", "versions": versions}
	}
	products["com.ubuntu.cloud:server:26.04:amd64"] = map[string]any{"arch": "amd64", "release": "other", "versions": map[string]any{"20300612": map[string]any{"items": map[string]any{}}}}
	p.json("cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.json", map[string]any{"format": "products:1.0", "datatype": "image-downloads", "products": products})
}

func (p *publishers) hashicorp(s signer, versions ...string) {
	all := map[string]any{}
	for _, v := range versions {
		all[v] = map[string]any{"name": "packer", "version": v, "shasums": "packer_" + v + "_SHA256SUMS", "shasums_signature": "packer_" + v + "_SHA256SUMS.sig"}
		var sums string
		for _, arch := range []string{"amd64", "arm64"} {
			name := "packer_" + v + "_linux_" + arch + ".zip"
			sums += sum256(name) + "  " + name + "\n"
		}
		folder := "releases.hashicorp.com/packer/" + v + "/packer_" + v
		p.text(folder+"_SHA256SUMS", sums)
		p.text(folder+"_SHA256SUMS.sig", s.detached(sums))
	}
	p.json("releases.hashicorp.com/packer/index.json", map[string]any{"name": "packer", "versions": all})
	p.text("www.hashicorp.com/.well-known/pgp-key.txt", s.public())
}
