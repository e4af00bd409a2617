package versions

import (
	"regexp"
	"strings"
	"time"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// versionPattern keeps what could be read as anything but text out of URLs, variables and file names.
var versionPattern = regexp.MustCompile(`^[0-9][0-9A-Za-z.+~-]*$`)

func (p *parser) version(path string, n *strictyaml.Node) string {
	text := p.String(n, path)
	if text != "" && !versionPattern.MatchString(text) {
		p.Problem(n, "%s: must match %s, got %q", path, versionPattern, text)
		return ""
	}
	return text
}

func (p *parser) date(path string, n *strictyaml.Node) time.Time {
	text := p.String(n, path)
	date, err := time.Parse(time.DateOnly, text)
	if err != nil && text != "" {
		p.Problem(n, "%s: must be a day like 2027-02-28, got %q", path, text)
	}
	return date
}

// comment is the text of a comment as one line.
func comment(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll("\n"+text, "\n#", " ")), " ")
}
