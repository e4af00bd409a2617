package bump

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
)

// ubuntuStream is what is read of https://cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.json;
// https://git.launchpad.net/simplestreams/tree/doc/README describes its form, products:1.0.
type ubuntuStream struct {
	Products map[string]struct {
		Arch, Release string
		Versions      map[string]struct {
			Items map[string]struct{ Path, SHA256 string }
		}
	}
}

var ubuntuDate = regexp.MustCompile(`^[0-9]{8}(\.[0-9]+)?$`)

// ubuntuReleases lists the dated releases of Ubuntu's server images that there are for all architectures of the pin.
func ubuntuReleases(ctx context.Context, b *bump, p pin) ([]release, error) {
	const url = "https://cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.json"
	text, err := b.web.read(ctx, url)
	if err != nil {
		return nil, err
	}
	var stream ubuntuStream
	if err := json.Unmarshal(text, &stream); err != nil {
		return nil, fmt.Errorf("%s: is not the JSON that is expected: %w", url, err)
	}
	name := p.Update.Settings["release"]
	var found []release
	for v, sums := range stream.sums(name) {
		day, err := time.Parse("20060102", v[:8])
		if err != nil {
			continue
		}
		found = append(found, release{version: v, notes: fmt.Sprintf("https://cloud-images.ubuntu.com/releases/%s/release-%s/", name, v),
			published: onDay(day), file: listedFile(p, v, sums, "Ubuntu's stream")})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: lists no server images of %s", url, name)
	}
	return found, nil
}

// sums are the checksums of a release's server images by version and file name. A file is in the folder of its version.
func (s ubuntuStream) sums(name string) map[string]map[string]string {
	sums := map[string]map[string]string{}
	for id, product := range s.Products {
		if product.Release != name || !strings.HasPrefix(id, "com.ubuntu.cloud:server:") {
			continue
		}
		for v, version := range product.Versions {
			if !ubuntuDate.MatchString(v) {
				continue
			}
			if sums[v] == nil {
				sums[v] = map[string]string{}
			}
			for _, item := range version.Items {
				if path.Base(path.Dir(item.Path)) == "release-"+v {
					sums[v][path.Base(item.Path)] = item.SHA256
				}
			}
		}
	}
	return sums
}
