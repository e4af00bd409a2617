package versions

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

var checksumPattern = regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`)

// download reads what one architecture downloads.
func (p *parser) download(path string, n *strictyaml.Node, version string) Download {
	var d Download
	p.Fields(n, path, strictyaml.Keys{
		"url":      func(path string, n *strictyaml.Node) { d.URL = p.url(path, n, version) },
		"checksum": func(path string, n *strictyaml.Node) { d.Checksum = p.checksum(path, n) },
	}, "url", "checksum")
	return d
}

// url reads a URL that is fetched without secrets and always gives the same file, so it names the version.
func (p *parser) url(path string, n *strictyaml.Node, version string) string {
	text := p.String(n, path)
	u, err := url.Parse(text)
	shown := text
	if err == nil && u.User != nil {
		shown = u.Redacted()
	}
	switch {
	case text == "":
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.String() != text:
		p.Problem(n, "%s: must be an https:// URL, got %q", path, shown)
	case strings.Contains(u.Path, "//"):
		p.Problem(n, "%s: must not have // in its path, got %q", path, shown)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		p.Problem(n, "%s: must have no user, query or fragment, got %q", path, shown)
	case !strings.Contains(u.Path, version):
		p.Problem(n, "%s: must contain the version %s, so that it cannot mean another file later, got %q", path, version, text)
	}
	return text
}

// checksum reads a checksum; two downloads that share one are a slip of copy and paste.
func (p *parser) checksum(path string, n *strictyaml.Node) string {
	text := p.String(n, path)
	if text == "" {
		return ""
	}
	if !checksumPattern.MatchString(text) {
		_, digits, _ := strings.Cut(text, ":")
		p.Problem(n, "%s: must be sha256: with 64 or sha512: with 128 lower case hexadecimal digits, got %q (%d digits)", path, text, len(digits))
		return ""
	}
	if first, seen := p.checksums[text]; seen {
		p.Problem(n, "%s: is the same as %s; two different files cannot share a checksum", path, first)
	}
	p.checksums[text] = path
	return text
}
