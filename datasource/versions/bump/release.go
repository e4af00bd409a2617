package bump

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// release is one version that a publisher offers.
type release struct {
	// version without a leading v.
	version string
	// preRelease is the publisher's own word; versions that look like one are recognised by their order.
	preRelease bool
	// notes is the page that tells what is new, or the folder where it was found.
	notes string
	// published is when it came out.
	published func(context.Context) (time.Time, error)
	// file is the download for one architecture. When mayDownload is false and there is no published checksum, it is errNoChecksum.
	file func(ctx context.Context, architecture string, mayDownload bool) (file, error)
}

// file is one download of a release.
type file struct {
	versions.Download
	// from says where the checksum was read.
	from string
}

// source lists the releases of p's publisher, in any order. What it lists need not suit the pin: choose decides.
type source func(ctx context.Context, b *bump, p pin) ([]release, error)

// sources has one for each type of update that versions.yaml may have.
var sources = map[string]source{
	"apt-package":       aptReleases,
	"apt-flat-package":  aptReleases,
	"debian-cloud":      debianReleases,
	"github-release":    githubReleases,
	"github-tag":        githubTags,
	"go-release":        goReleases,
	"hashicorp-release": hashicorpReleases,
	"rust-release":      rustReleases,
	"ubuntu-cloud":      ubuntuReleases,
}

// errNoChecksum: the publisher shows no checksum, so only the file itself can tell.
var errNoChecksum = errors.New("its publisher shows no checksum")

// alarm is a checksum that is not what it must be: somebody has to look.
type alarm struct{ message string }

func (a alarm) Error() string { return a.message }

func alarmf(format string, args ...any) error { return alarm{fmt.Sprintf(format, args...)} }

// onDay is a date that is known without asking.
func onDay(date time.Time) func(context.Context) (time.Time, error) {
	return func(context.Context) (time.Time, error) { return date, nil }
}

// lastModified is the date of a file as its server has it, for publishers who list no dates.
func (b *bump) lastModified(url string) func(context.Context) (time.Time, error) {
	return func(ctx context.Context) (time.Time, error) { return b.web.lastModified(ctx, url) }
}
