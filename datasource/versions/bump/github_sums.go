package bump

import (
	"context"
	"fmt"

	"github.com/google/go-github/v80/github"
)

// sums is the checksum in the publisher's own file, and that file's name; empty when there is none.
func (a assets) sums(ctx context.Context, name string) (sums, checksum string, err error) {
	for _, asset := range a.all {
		sums := asset.GetName()
		about := single.ReplaceAllString(sums, "")
		if !assetName.MatchString(sums) || !sumsName.MatchString(sums) || about != sums && about != name && a.named(about) != nil {
			continue // no checksums, or those of another asset only
		}
		text, err := a.b.web.read(ctx, a.url(sums))
		if err != nil {
			return "", "", err
		}
		if checksum, err := readSums(text, name, about == name); checksum != "" || err != nil {
			return sums, checksum, err
		}
	}
	return "", "", nil
}

// downloaded hashes the asset itself. A size that GitHub does not know of would be another file.
func (a assets) downloaded(ctx context.Context, found file, asset *github.ReleaseAsset) (file, error) {
	checksum, size, err := a.b.web.hash(ctx, found.URL, "sha256")
	if err == nil && size != int64(asset.GetSize()) {
		err = fmt.Errorf("%s has %d bytes, GitHub says %d", found.URL, size, asset.GetSize())
	}
	found.Checksum, found.from = checksum, "download"
	return found, err
}
