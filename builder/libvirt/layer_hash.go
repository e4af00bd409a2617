package libvirt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// fileState is what changes when somebody writes to a file.
type fileState struct {
	device, inode uint64
	size          int64
	modified      time.Time
}

// verifiedFiles remembers, for this process, the checksum of files that were read: a build reads no file twice.
var verifiedFiles sync.Map // fileState to string

// hashFile reads a file that nobody writes to any more, and remembers the result. The checksum has sha256: in front, the size is in bytes.
// Reading is the dearest part of keeping and using layers.
func hashFile(ctx context.Context, path string) (checksum string, size int64, err error) {
	state, err := stateOf(path)
	if err != nil {
		return "", 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	hash := sha256.New()
	size, err = io.Copy(hash, &boundReader{ctx: ctx, from: f})
	if err != nil {
		return "", 0, fmt.Errorf("reading %s: %w", path, err)
	}
	checksum = "sha256:" + hex.EncodeToString(hash.Sum(nil))
	if after, err := stateOf(path); err != nil || after != state {
		return "", 0, fmt.Errorf("reading %s: somebody wrote to it meanwhile (%v)", path, err)
	}
	verifiedFiles.Store(state, checksum)
	return checksum, size, nil
}

func stateOf(path string) (fileState, error) {
	var stat unix.Stat_t
	if err := unix.Lstat(path, &stat); err != nil {
		return fileState{}, &os.PathError{Op: "lstat", Path: path, Err: err}
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return fileState{}, fmt.Errorf("%s: must be a file", path)
	}
	return fileState{device: uint64(stat.Dev), inode: stat.Ino, size: stat.Size, modified: time.Unix(stat.Mtim.Unix())}, nil
}

// boundReader ends with ctx.
type boundReader struct {
	ctx  context.Context
	from io.Reader
}

func (r *boundReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.from.Read(p)
}
