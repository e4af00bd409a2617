package libvirt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"golang.org/x/sync/errgroup"
)

// parallelDownloads keeps a build from being a burden to a publisher, and the progress bars on one screen.
const parallelDownloads = 4

// fetchArtifacts brings all artifacts into the folder, laid out as on the disk. It tells all that went wrong, not only the first.
func (c *Config) fetchArtifacts(ctx context.Context, files []pinnedFile, folder string, ui packersdk.Ui) error {
	if err := emptyFolder(folder, 0o755); err != nil {
		return fmt.Errorf("artifacts: making room for them: %w", err)
	}
	errs := make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(parallelDownloads)
	for i, file := range files {
		group.Go(func() error {
			errs[i] = c.fetchArtifact(ctx, file, filepath.Join(folder, file.place()), ui)
			return nil
		})
	}
	_ = group.Wait() // the errors are in errs
	if ctx.Err() != nil {
		return fmt.Errorf("artifacts: downloading: %w; what is there of them is kept", context.Cause(ctx))
	}
	return errors.Join(errs...)
}

func (c *Config) fetchArtifact(ctx context.Context, file pinnedFile, path string, ui packersdk.Ui) error {
	if err := makePassable(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return c.artifactDownload(file, ui).bring(ctx, path)
}

func (c *Config) artifactDownload(file pinnedFile, ui packersdk.Ui) download {
	return download{
		name: "artifacts: " + file.Name, url: file.URL, from: c.mirrored(file.URL), checksum: file.Checksum,
		cached: c.cachedArtifact(file), timeout: c.DownloadTimeout, ui: ui, hint: mirrorHint(file.URL), place: linkFile,
		inspect: func(ctx context.Context, path string) error { return inspectArchive(ctx, path, file.baseName()) },
	}
}

func (c *Config) cachedArtifact(file pinnedFile) string {
	return filepath.Join(c.CacheDirectory, "artifacts", cacheName(file.Checksum))
}

// linkFile gives the cached file a second name, which costs nothing, or copies it where that cannot be done. Of a symbolic link it is the
// file that gets the name: the guest could not follow the link.
func linkFile(from, to string) error {
	from, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	if err := removeFiles("", to); err != nil { // left by an attempt before
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	if err := copySource(from, to); err != nil {
		return err
	}
	return os.Chmod(to, 0o644)
}
