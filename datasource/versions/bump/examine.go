package bump

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// examine asks the publisher of one pin. The publisher's failures are part of the result.
func (b *bump) examine(ctx context.Context, p pin) result {
	limited, cancel := context.WithTimeoutCause(ctx, b.timeout, fmt.Errorf("no end within %s (-timeout)", b.timeout))
	defer cancel()
	r := result{pin: p}
	r.err = b.look(limited, p, &r)
	if r.err != nil && limited.Err() != nil {
		r.err = context.Cause(limited)
	}
	if r.err != nil {
		r.version, r.files = "", nil
	}
	return r
}

func (b *bump) look(ctx context.Context, p pin, r *result) error {
	releases, err := sources[p.Update.Type](ctx, b, p)
	if err != nil {
		return err
	}
	if r.note, err = b.compare(ctx, p, releases); err != nil {
		return err
	}
	chosen, err := b.choose(ctx, p, releases)
	if err != nil {
		return err
	}
	r.waiting = chosen.waiting
	if chosen.release == nil {
		return nil
	}
	files, err := b.files(ctx, p, *chosen.release)
	if err != nil {
		return fmt.Errorf("release %s: %w", chosen.release.version, err)
	}
	r.version, r.published, r.notes, r.files = chosen.release.version, chosen.published, chosen.release.notes, files
	return nil
}

// compare looks at the pinned version as it is published now: another checksum is an alarm. The note says why nothing was compared.
func (b *bump) compare(ctx context.Context, p pin, releases []release) (note string, err error) {
	at := slices.IndexFunc(releases, func(r release) bool { return r.version == p.Version })
	if at < 0 {
		return "the pinned version is not listed", nil
	}
	for _, arch := range p.architectures() {
		now, err := releases[at].file(ctx, arch, false)
		pinned := p.Downloads[arch]
		var found alarm
		switch {
		case errors.Is(err, errNoChecksum):
			note = "no checksum to compare with"
		case errors.As(err, &found):
			return "", err
		case err != nil:
			note = fmt.Sprintf("not compared: %s: %v", arch, err)
		case algorithm(now.Checksum) != algorithm(pinned.Checksum):
			note = fmt.Sprintf("published as %s now, pinned as %s", algorithm(now.Checksum), algorithm(pinned.Checksum))
		case now.Checksum != pinned.Checksum:
			return "", alarmf("version %s for %s has another checksum now: pinned %s, %s says %s", p.Version, arch, pinned.Checksum, now.from, now.Checksum)
		}
	}
	return note, nil
}

// files are the downloads of one release for all architectures of the pin.
func (b *bump) files(ctx context.Context, p pin, r release) (map[string]file, error) {
	files := map[string]file{}
	for _, arch := range p.architectures() {
		f, err := r.file(ctx, arch, true)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arch, err)
		}
		if b.download {
			if err := b.verify(ctx, f.Download); err != nil {
				return nil, fmt.Errorf("%s: %w", arch, err)
			}
		}
		files[arch] = f
	}
	return files, nil
}

// verify downloads a file, and compares it with its published checksum.
func (b *bump) verify(ctx context.Context, d versions.Download) error {
	got, _, err := b.web.hash(ctx, d.URL, algorithm(d.Checksum))
	if err == nil && got != d.Checksum {
		return alarmf("%s has the checksum %s, published is %s", d.URL, got, d.Checksum)
	}
	return err
}

// algorithm is the word before the colon of a checksum.
func algorithm(checksum string) string {
	name, _, _ := strings.Cut(checksum, ":")
	return name
}
