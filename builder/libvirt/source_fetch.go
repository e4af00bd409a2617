package libvirt

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	getter "github.com/hashicorp/go-getter/v2"
)

// bootstrapHint is what a machine without a route to the publisher can do instead.
const bootstrapHint = "without a route to it, bootstrap a Debian image from this machine's own package sources: run " +
	"`make base-image BASE_IMAGE=debian-13` (or debian-12) and add -var-file=output/bootstrap/debian-13.pkrvars.hcl (or debian-12) to packer build"

// isURL reports whether source_image is to be downloaded.
func (c *Config) isURL() bool {
	location, err := url.Parse(c.SourceImage)
	return err == nil && location.Scheme != ""
}

// fetch brings the image to path, in the build's directory, and verifies what is there.
func (c *Config) fetch(ctx context.Context, path string, progress getter.ProgressTracker) error {
	source := c.SourceImage
	if c.isURL() {
		cached, err := c.download(ctx, progress)
		if err != nil {
			return err
		}
		source = cached
	}
	if err := copySource(source, path); err != nil {
		return fmt.Errorf("copying it for this build: %w", err)
	}
	if err := verifyFile(path, c.SourceChecksum); err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	return nil
}

// download keeps a file by its checksum. A partial one is continued; it gets its name when it is verified.
func (c *Config) download(ctx context.Context, progress getter.ProgressTracker) (string, error) {
	path := c.cachedSource()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("cache_directory: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.DownloadTimeout, fmt.Errorf("not complete within download_timeout (%s)", c.DownloadTimeout))
	defer cancel()
	lock := flock.New(path + ".lock")
	if _, err := lock.TryLockContext(ctx, time.Second); err != nil {
		return "", fmt.Errorf("waiting for another build that downloads the same image: %w", context.Cause(ctx))
	}
	defer lock.Unlock() //nolint:errcheck // the lock ends with the process in any case
	if exists(path) && c.SourceChecksum != "none" {
		return path, nil
	}
	partial := path + ".partial"
	if c.SourceChecksum == "none" { // what is there may be part of another file
		if err := removeFiles(filepath.Dir(partial), filepath.Base(partial)); err != nil {
			return "", err
		}
	}
	if err := c.get(ctx, partial, progress); err != nil {
		return "", err
	}
	if err := verifyFile(partial, c.SourceChecksum); err != nil {
		return "", fmt.Errorf("the download is removed again: %w", errors.Join(err, os.Remove(partial)))
	}
	return path, os.Rename(partial, path)
}

func (c *Config) get(ctx context.Context, path string, progress getter.ProgressTracker) error {
	client := getter.Client{Getters: []getter.Getter{&getter.HttpGetter{Netrc: true, XTerraformGetDisabled: true}}, DisableSymlinks: true, Decompressors: map[string]getter.Decompressor{}}
	_, err := client.Get(ctx, &getter.Request{Src: c.SourceImage, Dst: path, GetMode: getter.ModeFile, ProgressListener: progress})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("downloading: %w", context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("downloading: %w; %s", err, bootstrapHint)
	}
	return nil
}

// cachedSource is named by what the file must be; without a checksum there is only the URL to name it by.
func (c *Config) cachedSource() string {
	name := strings.ReplaceAll(c.SourceChecksum, ":", "-")
	if c.SourceChecksum == "none" {
		name = "unverified-" + sha256Of([]byte(c.SourceImage))
	}
	return filepath.Join(c.CacheDirectory, "images", name+".img")
}

// sourceName is source_image as it may be shown: without the password or the token of its URL.
func (c *Config) sourceName() string {
	location, err := url.Parse(c.SourceImage)
	if err != nil || location.Scheme == "" {
		return c.SourceImage
	}
	location.RawQuery = ""
	return location.Redacted()
}
