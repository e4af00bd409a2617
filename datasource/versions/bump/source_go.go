package bump

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// goReleases lists Go's releases: https://pkg.go.dev/golang.org/x/website/internal/dl describes the JSON of https://go.dev/dl/?mode=json.
// include=all has old ones too, so that the pinned one can be compared. It has no dates; the files have.
func goReleases(ctx context.Context, b *bump, p pin) ([]release, error) {
	const url = "https://go.dev/dl/?mode=json&include=all"
	text, err := b.web.read(ctx, url)
	if err != nil {
		return nil, err
	}
	var listed []struct {
		Version string
		Stable  bool
		Files   []struct{ Filename, SHA256 string }
	}
	if err := json.Unmarshal(text, &listed); err != nil {
		return nil, fmt.Errorf("%s: is not the JSON that is expected: %w", url, err)
	}
	var found []release
	for _, r := range listed {
		v, ok := strings.CutPrefix(r.Version, "go")
		if !ok || !versionTag.MatchString(v) {
			continue
		}
		sums := map[string]string{}
		for _, f := range r.Files {
			sums[f.Filename] = f.SHA256
		}
		found = append(found, release{version: v, preRelease: !r.Stable, notes: "https://go.dev/doc/devel/release#" + r.Version,
			published: b.lastModified(p.renamed(p.Downloads[p.architectures()[0]].URL, v)), file: listedFile(p, v, sums, "go.dev/dl")})
	}
	return found, nil
}

// listedFile is for publishers whose list has the checksums of all files by name; the URL is the pinned one with another version.
func listedFile(p pin, version string, sums map[string]string, from string) func(context.Context, string, bool) (file, error) {
	return func(_ context.Context, architecture string, _ bool) (file, error) {
		name := p.fileName(architecture, version)
		checksum := withAlgorithm(sums[name])
		if sums[name] == "" {
			return file{}, fmt.Errorf("%s lists no %s", from, name)
		}
		if !digest.MatchString(checksum) {
			return file{}, fmt.Errorf("%s has no checksum for %s but %q", from, name, sums[name])
		}
		return file{Download: versions.Download{URL: p.renamed(p.Downloads[architecture].URL, version), Checksum: checksum}, from: from}, nil
	}
}
