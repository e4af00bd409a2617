package bump

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ulikunitz/xz"
	"pault.ag/go/debian/control"
)

// aptRepository is a repository as seen from one architecture.
type aptRepository struct {
	b            *bump
	p            pin
	keys         openpgp.EntityList
	architecture string
}

// root is the repository's own URL, which file names in its index start from.
func (r aptRepository) root() string {
	return strings.TrimSuffix(strings.ReplaceAll(r.p.Update.Settings["repository"], "$(ARCH)", r.architecture), "/")
}

// index is the content of Packages, whose size and checksum the signed Release has.
func (r aptRepository) index(ctx context.Context) ([]byte, error) {
	folder, within := r.root(), ""
	if r.p.Update.Type == "apt-package" {
		folder += "/dists/" + r.p.Update.Settings["suite"]
		within = r.p.Update.Settings["component"] + "/binary-" + r.architecture + "/"
	}
	release, err := r.release(ctx, folder)
	if err != nil {
		return nil, err
	}
	for _, unpack := range []struct {
		suffix string
		reader func(io.Reader) (io.Reader, error)
	}{{".xz", openXZ}, {".gz", openGzip}, {"", func(in io.Reader) (io.Reader, error) { return in, nil }}} {
		name := within + "Packages" + unpack.suffix
		listed, ok := release[name]
		if !ok {
			continue
		}
		packed, err := r.b.web.read(ctx, folder+"/"+name)
		if err != nil {
			return nil, err
		}
		if err := listed.holds(packed); err != nil {
			return nil, fmt.Errorf("%s/%s: %w", folder, name, err)
		}
		reader, err := unpack.reader(bytes.NewReader(packed))
		if err != nil {
			return nil, fmt.Errorf("%s/%s: unpacking: %w", folder, name, err)
		}
		index, err := io.ReadAll(io.LimitReader(reader, maxIndex))
		if err != nil {
			return nil, fmt.Errorf("%s/%s: unpacking: %w", folder, name, err)
		}
		return index, nil
	}
	return nil, fmt.Errorf("%s: the signed Release lists no %sPackages", folder, within)
}

// release reads the signed InRelease, or Release and its signature Release.gpg, and returns what it lists. One that is no longer valid
// may be an old one that somebody plays back.
func (r aptRepository) release(ctx context.Context, folder string) (map[string]listed, error) {
	text, err := r.signed(ctx, folder)
	if err != nil {
		return nil, err
	}
	paragraphs, err := readControl(text)
	if err != nil || len(paragraphs) != 1 {
		return nil, fmt.Errorf("%s: the signed Release is not one paragraph (%w)", folder, err)
	}
	if until := paragraphs[0]["Valid-Until"]; until != "" {
		if date, err := time.Parse(time.RFC1123, until); err != nil || r.b.now.After(date) {
			return nil, fmt.Errorf("%s: the signed Release was valid until %q", folder, until)
		}
	}
	return readListed(paragraphs[0]["SHA256"]), nil
}

func (r aptRepository) signed(ctx context.Context, folder string) ([]byte, error) {
	message, err := r.b.web.read(ctx, folder+"/InRelease")
	if err == nil {
		text, err := verifyClearSigned(r.keys, message, r.b.now)
		return text, inFile(folder+"/InRelease", err)
	}
	if !errors.Is(err, errAbsent) {
		return nil, err
	}
	text, err := r.b.web.read(ctx, folder+"/Release")
	if err != nil {
		return nil, err
	}
	signature, err := r.b.web.read(ctx, folder+"/Release.gpg")
	if err != nil {
		return nil, err
	}
	return text, inFile(folder+"/Release", verifyDetached(r.keys, text, signature, r.b.now))
}

func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// listed is one file in the signed Release.
type listed struct {
	checksum string
	size     int
}

// readListed reads lines of checksum, size and name.
func readListed(text string) map[string]listed {
	files := map[string]listed{}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) == 3 {
			size, _ := strconv.Atoi(fields[1])
			files[strings.TrimPrefix(fields[2], "./")] = listed{withAlgorithm(fields[0]), size}
		}
	}
	return files
}

func (l listed) holds(content []byte) error {
	if got := sumOf("sha256", content); len(content) != l.size || got != l.checksum {
		return fmt.Errorf("has %d bytes and %s, the signed Release says %d and %s", len(content), got, l.size, l.checksum)
	}
	return nil
}

func openXZ(in io.Reader) (io.Reader, error) { return xz.NewReader(in) }

func openGzip(in io.Reader) (io.Reader, error) { return gzip.NewReader(in) }

// readControl reads paragraphs of Debian's control files.
func readControl(text []byte) (paragraphs []map[string]string, err error) {
	reader, err := control.NewParagraphReader(bytes.NewReader(text), nil) // signatures are verified already
	if err != nil {
		return nil, err
	}
	all, err := reader.All()
	for _, paragraph := range all {
		paragraphs = append(paragraphs, paragraph.Values)
	}
	return paragraphs, err
}
