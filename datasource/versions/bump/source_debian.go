package bump

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// dated is a link to a dated folder, in Apache's index of https://cloud.debian.org/images/cloud/<codename>/.
var dated = regexp.MustCompile(`href="([0-9]{8}-[0-9]+)/"`)

// debianReleases lists the dated folders of Debian's cloud images. Each has SHA512SUMS of the images of all architectures.
func debianReleases(ctx context.Context, b *bump, p pin) ([]release, error) {
	folder := "https://cloud.debian.org/images/cloud/" + p.Update.Settings["codename"] + "/"
	index, err := b.web.read(ctx, folder)
	if err != nil {
		return nil, err
	}
	var found []release
	for _, match := range dated.FindAllSubmatch(index, -1) {
		v := string(match[1])
		day, err := time.Parse("20060102", v[:8])
		if err == nil && !slices.ContainsFunc(found, func(r release) bool { return r.version == v }) {
			found = append(found, release{version: v, notes: folder + v + "/", published: onDay(day), file: b.debianFile(p, v, folder+v+"/SHA512SUMS")})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: lists no dated folder", folder)
	}
	return found, nil
}

// debianFile reads the checksum in the dated folder.
func (b *bump) debianFile(p pin, version, sums string) func(context.Context, string, bool) (file, error) {
	return func(ctx context.Context, architecture string, _ bool) (file, error) {
		text, err := b.web.read(ctx, sums)
		if err != nil {
			return file{}, err
		}
		name := p.fileName(architecture, version)
		checksum, err := readSums(text, name, false)
		if err == nil && checksum == "" {
			err = fmt.Errorf("%s: lists no %s", sums, name)
		}
		return file{Download: versions.Download{URL: p.renamed(p.Downloads[architecture].URL, version), Checksum: checksum}, from: "SHA512SUMS"}, err
	}
}
