package libvirt

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// inspectArchive reads a tar archive to its end, and refuses one that is not complete or has an entry that would be written
// outside of the folder that it is unpacked in. What is no tar archive, by its name, is not looked into.
func inspectArchive(ctx context.Context, path, name string) error {
	decompress := decompressorFor(name)
	if decompress == nil {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	content, err := decompress(bufio.NewReaderSize(contextReader{ctx, file}, 1<<20))
	if err != nil {
		return fmt.Errorf("%s: reading it as the archive that its name says: %w", name, whyUnreadable(ctx, err))
	}
	defer content.Close()
	tail := &zeroTail{Reader: content}
	if err := walkArchive(ctx, tar.NewReader(tail)); err != nil {
		return fmt.Errorf("%s: %w", name, whyUnreadable(ctx, err))
	}
	if strings.HasSuffix(name, ".tar") && tail.zeros < tarBlock { // nothing else would show a cut between two entries
		return fmt.Errorf("%s: the archive ends without its end marker: it is truncated", name)
	}
	// Only the end of a compressed stream has its checksum. Behind it, gzip too lets be whatever is there.
	if _, err := io.Copy(io.Discard, tail); err != nil && !errors.Is(err, gzip.ErrHeader) {
		return fmt.Errorf("%s: reading the end of the archive: %w", name, whyUnreadable(ctx, err))
	}
	return nil
}

// walkArchive looks at all entries, in order. A reader that ends with ctx does not do alone: one block of it can have a million entries.
func walkArchive(ctx context.Context, archive *tar.Reader) error {
	links, last := archiveLinks{}, ""
	for ctx.Err() == nil {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) && last == "" {
			return errors.New("the archive is empty")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // which is judged below
			return fmt.Errorf("reading the archive%s: %w", behind(last), err)
		}
		if err := links.check(header); err != nil {
			return fmt.Errorf("entry %q %w", cutName(header.Name), err)
		}
		last = header.Name
	}
	return ctx.Err()
}

// cutName is enough of a name, of up to a megabyte, to find the entry by.
func cutName(name string) string {
	if len(name) <= 200 {
		return name
	}
	return name[:200] + "…"
}

func behind(entry string) string {
	if entry == "" {
		return "'s first entry"
	}
	return fmt.Sprintf(" behind entry %q", cutName(entry))
}

// whyUnreadable puts the usual reason in words.
func whyUnreadable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("it is truncated (%w)", err)
	}
	return err
}
