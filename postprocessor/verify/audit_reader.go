package verify

import (
	"bytes"
	"context"
	"crypto/md5" // what dpkg's lists have
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// contentReader reads files piece by piece; what is looked for may lie across two of them.
type contentReader struct {
	root   string
	traces []secret
	buffer []byte
}

// read looks into a file. One that is as its package installed it has nothing of the build: only its sum is taken.
func (r *contentReader) read(ctx context.Context, one *entry, sum string) error {
	f, err := os.Open(filepath.Join(r.root, one.path))
	if err != nil {
		return err
	}
	defer f.Close()
	if sum != "" {
		digest := md5.New()
		if _, err := io.CopyBuffer(onlyWriter{digest}, f, r.buffer); err != nil {
			return err
		}
		if one.isChanged = hex.EncodeToString(digest.Sum(nil)) != sum; !one.isChanged {
			return context.Cause(ctx)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	return r.search(ctx, one, f)
}

// search reads to the end, piece by piece.
func (r *contentReader) search(ctx context.Context, one *entry, in io.Reader) error {
	isProgram := false
	for kept, first := 0, true; ; first = false {
		n, err := io.ReadFull(in, r.buffer[kept:])
		content := r.buffer[:kept+n]
		isProgram = isProgram || first && bytes.HasPrefix(content, []byte("\x7fELF"))
		r.look(one, content, isProgram)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err = errors.Join(err, context.Cause(ctx)); err != nil {
			return err
		}
		kept = copy(r.buffer, content[len(content)-longest:])
	}
}

func (r *contentReader) look(one *entry, content []byte, isProgram bool) {
	for _, found := range lookIn(content, r.traces, isProgram) {
		if !slices.Contains(one.problems, found) {
			one.problems = append(one.problems, found)
		}
	}
	if isState(one.path) {
		one.builder = one.builder || builder.find(content) != nil
		one.publicKey = one.publicKey || publicKey.find(content) != nil
	}
}

// onlyWriter hides that a hash could read by itself, with a buffer of its own.
type onlyWriter struct{ io.Writer }
