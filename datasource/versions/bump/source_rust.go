package bump

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

const rustDist = "https://static.rust-lang.org/dist/"

// rustChannel is what is read of https://static.rust-lang.org/dist/channel-rust-stable.toml, whose form
// https://rust-lang.github.io/rustup-components-history/README.html and https://forge.rust-lang.org/infra/channel-layout.html describe.
type rustChannel struct {
	Date string
	Pkg  struct {
		Rust struct {
			Version string // "1.98.0 (0123456789 2026-08-17)"
			Target  map[string]struct {
				URL     string
				XZURL   string `toml:"xz_url"`
				Hash    string
				XZHash  string `toml:"xz_hash"`
				Present bool   `toml:"available"`
			}
		}
	}
}

// rustReleases lists the stable release that the channel has now, and the pinned one. The channel's checksum and that beside the file have to agree.
func rustReleases(ctx context.Context, b *bump, p pin) ([]release, error) {
	const url = rustDist + "channel-rust-stable.toml"
	text, err := b.web.read(ctx, url)
	if err != nil {
		return nil, err
	}
	var channel rustChannel
	if _, err := toml.Decode(string(text), &channel); err != nil {
		return nil, fmt.Errorf("%s: is not the TOML that is expected: %w", url, err)
	}
	date, err := time.Parse(time.DateOnly, channel.Date)
	if err != nil {
		return nil, fmt.Errorf("%s: date is no day: %q", url, channel.Date)
	}
	v, _, _ := strings.Cut(channel.Pkg.Rust.Version, " ")
	found := []release{{version: v, notes: notesOf("rust-lang/rust", v), published: onDay(date), file: channel.file(b, p, v)}}
	if v != p.Version {
		found = append(found, release{version: p.Version, published: onDay(time.Time{}), file: b.pinnedRust(p)})
	}
	return found, nil
}

// file finds the target whose archive has the pinned file's name.
func (c rustChannel) file(b *bump, p pin, version string) func(context.Context, string, bool) (file, error) {
	return func(ctx context.Context, architecture string, _ bool) (file, error) {
		name := p.fileName(architecture, version)
		for _, target := range c.Pkg.Rust.Target {
			url, digits := target.XZURL, target.XZHash
			if path.Base(url) != name {
				url, digits = target.URL, target.Hash
			}
			if path.Base(url) != name || !target.Present {
				continue
			}
			if url != rustDist+c.Date+"/"+name {
				return file{}, fmt.Errorf("the channel has %s at %q, and not at %s", name, url, rustDist+c.Date+"/"+name)
			}
			beside, err := b.rustSum(ctx, url, name)
			if err != nil {
				return file{}, err
			}
			if withAlgorithm(digits) != beside {
				return file{}, alarmf("%s: the channel says %s, the file beside it %s", name, withAlgorithm(digits), beside)
			}
			return file{Download: versions.Download{URL: url, Checksum: beside}, from: "stable channel, .sha256"}, nil
		}
		return file{}, fmt.Errorf("the channel has no %s", name)
	}
}

// pinnedRust is the pinned release, which the channel may have no more.
func (b *bump) pinnedRust(p pin) func(context.Context, string, bool) (file, error) {
	return func(ctx context.Context, architecture string, _ bool) (file, error) {
		d := p.Downloads[architecture]
		sum, err := b.rustSum(ctx, d.URL, p.fileName(architecture, p.Version))
		return file{Download: versions.Download{URL: d.URL, Checksum: sum}, from: ".sha256"}, err
	}
}

func (b *bump) rustSum(ctx context.Context, url, name string) (string, error) {
	text, err := b.web.read(ctx, url+".sha256")
	if err != nil {
		return "", err
	}
	sum, err := readSums(text, name, true)
	if err == nil && algorithm(sum) != "sha256" {
		err = errors.New("the .sha256 is none")
	}
	return sum, err
}
