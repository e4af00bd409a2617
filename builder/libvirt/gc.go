package libvirt

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"libvirt.org/go/libvirt"
)

// sweep removes the domains, directories and layers' data files of builds whose process is gone, layers that are broken, and nothing else.
// Builds that were kept for inspection stay unless kept is true. It returns one line for each thing removed.
func sweep(ctx context.Context, conn *libvirt.Connect, cache string, kept bool) (removed []string, err error) {
	if !exists(buildsDirectory(cache)) {
		return nil, nil // nobody has ever built here
	}
	release, err := lockBuilds(ctx, cache)
	if err != nil {
		return nil, err
	}
	defer release() //nolint:errcheck // the lock ends with the process in any case
	domains, err := sweepDomains(conn, cache, kept)
	directories, dirErr := sweepDirectories(cache, kept)
	removed = append(domains, directories...)
	layersErr := storeOf(cache).prune(ctx, cacheLimits{}, func(line string) { removed = append(removed, strings.TrimPrefix(line, "removed ")) })
	return removed, errors.Join(err, dirErr, layersErr)
}

func sweepDomains(conn *libvirt.Connect, cache string, kept bool) (removed []string, err error) {
	domains, err := conn.ListAllDomains(0)
	if err != nil {
		return nil, fmt.Errorf("listing domains to find orphaned builds: %w", err)
	}
	var errs []error
	for i := range domains {
		domain := &domains[i]
		defer domain.Free()
		name, _ := domain.GetName()
		build, ours := buildOf(domain)
		if !ours || !build.names(name) || build.Directory != filepath.Join(buildsDirectory(cache), build.ID) || !orphaned(build.Directory, kept) {
			continue
		}
		if err := removeDomain(domain); err != nil {
			errs = append(errs, fmt.Errorf("removing domain %q of orphaned build %s: %w", name, build.ID, err))
			continue
		}
		removed = append(removed, fmt.Sprintf("domain %s of orphaned build %s", name, build.ID))
	}
	return removed, errors.Join(errs...)
}

// buildOf reads the build's mark from a domain; most domains of a machine have none.
func buildOf(domain *libvirt.Domain) (build buildID, ours bool) {
	text, err := domain.GetMetadata(libvirt.DOMAIN_METADATA_ELEMENT, metadataNamespace, libvirt.DOMAIN_AFFECT_CURRENT)
	if err != nil {
		return buildID{}, false
	}
	if err := xml.Unmarshal([]byte(text), &build); err != nil {
		return buildID{}, false
	}
	return build, build.ID != "" && build.Directory != ""
}

// orphaned reports whether no process holds the build's lock. A directory that is gone has no holder.
func orphaned(directory string, kept bool) bool {
	if _, err := os.Stat(filepath.Join(directory, keepFile)); err == nil && !kept {
		return false
	}
	if _, err := os.Stat(filepath.Join(directory, lockFile)); err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	lock := flock.New(filepath.Join(directory, lockFile))
	defer lock.Close()
	free, err := lock.TryLock()
	return err == nil && free
}

// printRemoved is how a person learns what a sweep did.
func printRemoved(out io.Writer, removed []string) {
	for _, line := range removed {
		fmt.Fprintln(out, "removed", line)
	}
	if len(removed) == 0 {
		fmt.Fprintln(out, "nothing is orphaned")
	}
}

// collect sweeps one libvirt connection and cache.
func collect(ctx context.Context, uri, cache string, out io.Writer) error {
	conn, err := libvirt.NewConnect(uri)
	if err != nil {
		return fmt.Errorf("connecting to libvirt at %s: %w", uri, err)
	}
	defer conn.Close()
	removed, err := sweep(ctx, conn, cache, true)
	printRemoved(out, removed)
	return err
}
