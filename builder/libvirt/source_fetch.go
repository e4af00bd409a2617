package libvirt

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// bootstrapHint is what a machine without a route to the image's publisher can do besides naming a mirror.
const bootstrapHint = "or bootstrap a Debian image from this machine's own package sources: run " +
	"`make base-image BASE_IMAGE=debian-13` (or debian-12) and add -var-file=output/bootstrap/debian-13.pkrvars.hcl (or debian-12) to packer build"

// isURL reports whether source_image is to be downloaded.
func (c *Config) isURL() bool {
	location, err := url.Parse(c.SourceImage)
	return err == nil && location.Scheme != ""
}

// fetchSource brings the image to path, in the build's directory, and verifies what is there.
func (c *Config) fetchSource(ctx context.Context, path string, ui packersdk.Ui) error {
	if c.isURL() {
		return c.sourceDownload(ui).bring(ctx, path)
	}
	if err := copySource(c.SourceImage, path); err != nil {
		return fmt.Errorf("source_image: %s: copying it for this build: %w", c.SourceImage, err)
	}
	if err := verifyFile(path, c.SourceChecksum); err != nil {
		return fmt.Errorf("source_image: %s: %w; replace the file or correct source_checksum", c.SourceImage, err)
	}
	return nil
}

func (c *Config) sourceDownload(ui packersdk.Ui) download {
	return download{
		name: "source_image", url: c.SourceImage, from: c.mirrored(c.SourceImage), checksum: c.SourceChecksum,
		cached: c.cachedSource(), timeout: c.DownloadTimeout, ui: ui, hint: mirrorHint(c.SourceImage) + ", " + bootstrapHint, place: copySource,
	}
}

// cachedSource is named by what the file must be; without a checksum there is only the URL to name it by.
func (c *Config) cachedSource() string {
	name := cacheName(c.SourceChecksum)
	if c.SourceChecksum == "none" {
		name = "unverified-" + sha256Of([]byte(c.SourceImage))
	}
	return filepath.Join(c.CacheDirectory, "images", name+".img")
}

// sourceName is source_image as it may be shown: without the password or the token of its URL.
func (c *Config) sourceName() string { return redacted(c.SourceImage) }
