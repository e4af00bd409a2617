package bump

import (
	"context"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// renamedFile is for publishers who show no checksum at all: the pinned URL with another version, downloaded for its checksum.
func (b *bump) renamedFile(p pin, version string) func(context.Context, string, bool) (file, error) {
	return func(ctx context.Context, architecture string, mayDownload bool) (file, error) {
		if !mayDownload {
			return file{}, errNoChecksum
		}
		url := p.renamed(p.Downloads[architecture].URL, version)
		checksum, _, err := b.web.hash(ctx, url, "sha256")
		return file{Download: versions.Download{URL: url, Checksum: checksum}, from: "download"}, err
	}
}
