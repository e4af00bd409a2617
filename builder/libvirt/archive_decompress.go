package libvirt

import (
	"bytes"
	"compress/bzip2"
	"context"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

type decompressor func(io.Reader) (io.ReadCloser, error)

// decompressorFor returns nil for a name that is no tar archive's.
func decompressorFor(name string) decompressor {
	for suffix, decompress := range map[string]decompressor{
		".tar": plain, ".tar.gz": gunzip, ".tgz": gunzip, ".tar.xz": unxz, ".tar.zst": unzstd, ".tar.bz2": bunzip2,
	} {
		if strings.HasSuffix(name, suffix) {
			return decompress
		}
	}
	return nil
}

func plain(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(r), nil }

func gunzip(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }

func bunzip2(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }

func unxz(r io.Reader) (io.ReadCloser, error) {
	content, err := xz.NewReader(r)
	return io.NopCloser(content), err
}

func unzstd(r io.Reader) (io.ReadCloser, error) {
	content, err := zstd.NewReader(r)
	if err != nil {
		return nil, err
	}
	return content.IOReadCloser(), nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// tarBlock is the unit of a tar archive, in bytes. Its end is marked by blocks of zeros.
const tarBlock = 512

// zeroTail counts the zeros at the end of what was read so far.
type zeroTail struct {
	io.Reader
	zeros int
}

func (t *zeroTail) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	tail := n - len(bytes.TrimRight(p[:n], "\x00"))
	if tail < n {
		t.zeros = 0
	}
	t.zeros += tail
	return n, err
}
