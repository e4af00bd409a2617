package bump

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// poolPath is the path of a package inside its repository, which must not lead out of it.
var poolPath = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+~-]*(/[A-Za-z0-9][A-Za-z0-9._+~-]*)*$`)

// aptReleases lists the versions of a package that its repository has for all architectures of the pin: deb(5) and
// https://wiki.debian.org/DebianRepository/Format. The index has no dates; the files have.
func aptReleases(ctx context.Context, b *bump, p pin) ([]release, error) {
	keys, err := b.key(ctx, p)
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]file{} // by version and architecture
	for _, arch := range p.architectures() {
		repository := aptRepository{b: b, p: p, keys: keys, architecture: arch}
		packages, err := repository.packages(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arch, err)
		}
		for v, f := range packages {
			if all[v] == nil {
				all[v] = map[string]file{}
			}
			all[v][arch] = f
		}
	}
	var found []release
	for _, v := range slices.Sorted(maps.Keys(all)) {
		files := all[v]
		if len(files) == len(p.Downloads) || v == p.Version {
			url := files[slices.Sorted(maps.Keys(files))[0]].URL
			found = append(found, release{version: v, notes: url[:strings.LastIndex(url, "/")+1], published: b.lastModified(url), file: indexed(files)})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no version of %s is there for all of %v", p.Update.Settings["package"], p.architectures())
	}
	return found, nil
}

func indexed(files map[string]file) func(context.Context, string, bool) (file, error) {
	return func(_ context.Context, architecture string, _ bool) (file, error) {
		if f, ok := files[architecture]; ok {
			return f, nil
		}
		return file{}, fmt.Errorf("the index has it for other architectures only")
	}
}

// packages are the files of the pinned package by version.
func (r aptRepository) packages(ctx context.Context) (map[string]file, error) {
	index, err := r.index(ctx)
	if err != nil {
		return nil, err
	}
	paragraphs, err := readControl(index)
	if err != nil {
		return nil, fmt.Errorf("reading Packages: %w", err)
	}
	found := map[string]file{}
	for _, entry := range paragraphs {
		if entry["Package"] != r.p.Update.Settings["package"] || entry["Architecture"] != r.architecture && entry["Architecture"] != "all" {
			continue
		}
		name := strings.TrimPrefix(entry["Filename"], "./")
		checksum := withAlgorithm(entry["SHA256"])
		if !poolPath.MatchString(name) || !digest.MatchString(checksum) {
			return nil, fmt.Errorf("reading Packages: version %q has the Filename %q and the SHA256 %q", entry["Version"], entry["Filename"], entry["SHA256"])
		}
		found[entry["Version"]] = file{Download: versions.Download{URL: r.root() + "/" + name, Checksum: checksum}, from: "Packages, under the signed Release"}
	}
	return found, nil
}
