package bump

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"

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
