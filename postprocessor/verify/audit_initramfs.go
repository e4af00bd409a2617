package verify

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// lookAtInitramfs looks into the archives from which machines boot: they were made during the build, of what the build had.
func (a *audited) lookAtInitramfs() (problems []string) {
	for _, one := range a.entries {
		if !one.mode.IsRegular() || !strings.HasPrefix(one.path, "/boot/initrd.img-") {
			continue
		}
		inner := &entry{path: one.path}
		if err := a.searchInitramfs(inner); err != nil {
			problems = append(problems, fmt.Sprintf("%s: nobody can look into it: %v", one.path, err))
		}
		for _, problem := range inner.problems {
			problems = append(problems, one.path+": a file in it "+problem)
		}
	}
	return problems
}

func (a *audited) searchInitramfs(one *entry) error {
	content, err := os.ReadFile(filepath.Join(a.root, one.path))
	if err != nil {
		return err
	}
	in, err := decompressed(behindMicrocode(content))
	if err != nil {
		return err
	}
	r := &contentReader{root: a.root, traces: a.want.traces(), buffer: make([]byte, piece+longest)}
	return r.search(context.Background(), one, in)
}

// behindMicrocode skips the archives that come first, as they are: the kernel reads them before it can decompress.
func behindMicrocode(content []byte) []byte {
	const last = "TRAILER!!!"
	for bytes.HasPrefix(content, []byte("070701")) {
		end := bytes.Index(content, []byte(last))
		rest := bytes.TrimLeft(content[max(end, 0)+len(last):], "\x00")
		if end < 0 || len(rest) == 0 {
			return content // nothing is compressed
		}
		content = rest
	}
	return content
}

func decompressed(content []byte) (io.Reader, error) {
	in := bytes.NewReader(content)
	switch {
	case bytes.HasPrefix(content, []byte("070701")):
		return in, nil
	case bytes.HasPrefix(content, []byte("\x28\xb5\x2f\xfd")):
		return zstd.NewReader(in)
	case bytes.HasPrefix(content, []byte("\x1f\x8b")):
		return gzip.NewReader(in)
	case bytes.HasPrefix(content, []byte("\xfd7zXZ")):
		return xz.NewReader(in)
	}
	return nil, errors.New("it must be compressed by zstd, gzip or xz")
}
