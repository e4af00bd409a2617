package bump

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"

	"github.com/ulikunitz/xz"
)

// packagesText is an index of packages: https://wiki.debian.org/DebianRepository/Format#A.22Packages.22_Indices.
func packagesText(prefix, name, arch string, versions ...string) (text string) {
	for _, v := range versions {
		file := name + "_" + v + "_" + arch + ".deb"
		text += fmt.Sprintf("Package: %s\nVersion: %s\nArchitecture: %s\nDescription: a tool\n with more to say\nFilename: %s%s\nSize: 1\nSHA256: %s\n\n", name, v, arch, prefix, file, sum256(file))
	}
	return text + fmt.Sprintf("Package: %s-doc\nVersion: 9.9\nArchitecture: %s\nFilename: %[1]s.deb\nSHA256: %[3]s\n", name, arch, sum256("doc"))
}

// release is a file Release for the indexes.
func releaseText(more string, indexes map[string]string) string {
	text := "Origin: tests\nSuite: stable\nDate: Sat, 01 Jun 2030 10:00:00 UTC\n" + more + "MD5Sum:\n 0 0 none\nSHA256:\n"
	for name, content := range indexes {
		text += fmt.Sprintf(" %x %d %s\n", sha256.Sum256([]byte(content)), len(content), name)
	}
	return text
}

// packed is how each architecture's index is packed.
var packed = map[string]func(string) string{"amd64": zipped, "arm64": func(text string) string {
	var packed bytes.Buffer
	writer, _ := xz.NewWriter(&packed)
	writer.Write([]byte(text))
	writer.Close()
	return packed.String()
}}

func zipped(text string) string {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	writer.Write([]byte(text))
	writer.Close()
	return packed.String()
}

// apt is a repository with suites; flat one without.
func (p *publishers) apt(s signer, more string, versions ...string) {
	indexes := map[string]string{}
	for _, arch := range []string{"amd64", "arm64"} {
		indexes["main/binary-"+arch+"/Packages"] = packagesText("pool/main/t/", "apt-tool", arch, versions...)
		indexes["main/binary-"+arch+"/Packages"+map[string]string{"amd64": ".gz", "arm64": ".xz"}[arch]] = packed[arch](packagesText("pool/main/t/", "apt-tool", arch, versions...))
		for _, v := range versions {
			p.text("packages.example/debian/pool/main/t/apt-tool_"+v+"_"+arch+".deb", "")
		}
	}
	for name, content := range indexes {
		p.text("packages.example/debian/dists/trixie/"+name, content)
	}
	p.text("packages.example/debian/dists/trixie/InRelease", s.clear(releaseText(more, indexes)))
	p.text("packages.example/key.asc", s.public())
}

func (p *publishers) flat(s signer, versions ...string) {
	index := packagesText("./", "flat-tool", "amd64", versions...)
	text := releaseText("", map[string]string{"./Packages": index})
	p.text("flat.example/deb/amd64/Packages", index)
	p.text("flat.example/deb/amd64/Release", text)
	p.text("flat.example/deb/amd64/Release.gpg", s.armored(text))
	p.text("flat.example/key", s.public())
	for _, v := range versions {
		p.text("flat.example/deb/amd64/flat-tool_"+v+"_amd64.deb", "")
	}
}
