package bump

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-github/v80/github"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

var (
	digest    = regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`)
	assetName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+~-]*$`)
	single    = regexp.MustCompile(`(?i)\.sha(256|512)(sums?)?$`) // behind the name of the asset that it is about
	sumsName  = regexp.MustCompile(`(?i)^(.+[._-])?(sha(256|512)(sums?)?|checksums?)(\.txt)?$`)
)

// assets are the files of one release of GitHub's.
type assets struct {
	b               *bump
	p               pin
	repository, tag string
	version         string
	all             []*github.ReleaseAsset
}

// file finds the asset with the pinned file's name, and its checksum: GitHub's digest of it, and what the publisher's own file of
// checksums says; when there is neither, the asset is downloaded. Two that differ are an alarm.
func (a assets) file(ctx context.Context, architecture string, mayDownload bool) (file, error) {
	if folder := a.folder(); !strings.HasPrefix(a.p.Downloads[architecture].URL, folder) {
		return file{}, fmt.Errorf("the pinned url must begin with %s, or the update must have another type", folder)
	}
	name := a.p.fileName(architecture, a.version)
	asset := a.named(name)
	if asset == nil {
		return file{}, fmt.Errorf("there is no asset %s among %s", name, a.list())
	}
	if asset.GetBrowserDownloadURL() != a.url(name) {
		return file{}, fmt.Errorf("the asset %s is to be downloaded from %q, and not from %s", name, asset.GetBrowserDownloadURL(), a.url(name))
	}
	found := file{Download: versions.Download{URL: a.url(name), Checksum: asset.GetDigest()}, from: "GitHub's digest of the asset"}
	if found.Checksum != "" && !digest.MatchString(found.Checksum) {
		return file{}, fmt.Errorf("GitHub's digest of %s is no sha256 or sha512: %q", name, found.Checksum)
	}
	sums, checksum, err := a.sums(ctx, name)
	switch {
	case err != nil:
		return file{}, err
	case checksum == "" && found.Checksum == "" && mayDownload:
		return a.downloaded(ctx, found, asset)
	case checksum == "" && found.Checksum == "":
		return file{}, errNoChecksum
	case found.Checksum == "":
		found.Checksum, found.from = checksum, sums
	case checksum != "" && algorithm(checksum) == algorithm(found.Checksum) && checksum != found.Checksum:
		return file{}, alarmf("%s of release %s: GitHub's digest is %s, and %s says %s", name, a.tag, found.Checksum, sums, checksum)
	case checksum != "":
		found.from += ", " + sums
	}
	return found, nil
}

// published is when the release came out or, when that was later, when one of the pin's assets was put there.
func (a assets) published(date *github.Timestamp) func(context.Context) (time.Time, error) {
	return func(context.Context) (time.Time, error) {
		if date == nil {
			return time.Time{}, errors.New("GitHub does not say")
		}
		last := date.Time
		for _, arch := range a.p.architectures() {
			if updated := a.named(a.p.fileName(arch, a.version)).GetUpdatedAt(); updated.After(last) {
				last = updated.Time
			}
		}
		return last, nil
	}
}

func (a assets) named(name string) *github.ReleaseAsset {
	for _, asset := range a.all {
		if asset.GetName() == name && asset.GetState() == "uploaded" && assetName.MatchString(name) {
			return asset
		}
	}
	return nil
}

// list is the names that there are, for a message: quoted, and not too many.
func (a assets) list() string {
	var names []string
	for _, asset := range a.all {
		if len(names) == 10 {
			names = append(names, fmt.Sprintf("and %d more", len(a.all)-10))
			break
		}
		names = append(names, fmt.Sprintf("%.80q", asset.GetName()))
	}
	return strings.Join(names, ", ")
}

func (a assets) folder() string { return "https://github.com/" + a.repository + "/releases/download/" }

func (a assets) url(name string) string { return a.folder() + a.tag + "/" + name }
