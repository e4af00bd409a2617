package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// cloneFile makes a file of its own from another: it shares the blocks where the file system can, else they are copied. It is no hard
// link, since a person who boots an image from its output directory writes to it.
func cloneFile(ctx context.Context, from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if unix.IoctlFileClone(int(target.Fd()), int(source.Fd())) == nil {
		return nil
	}
	// In pieces, since one copy_file_range(2) of all would not end with ctx.
	for {
		if ctx.Err() != nil {
			return fmt.Errorf("copying %s: %w", from, context.Cause(ctx))
		}
		if _, err := io.CopyN(target, source, 64<<20); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("copying %s: %w", from, err)
		}
	}
}
