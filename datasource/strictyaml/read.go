package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// MaxSize is the largest file that is read, in bytes: several times what a big project needs.
const MaxSize = 256 << 10

// Opener opens a file: [os.OpenFile], or the method of an [os.Root] that keeps symbolic links inside a folder.
type Opener func(name string, flag int, perm os.FileMode) (*os.File, error)

// Read returns the content of a regular file of at most [MaxSize] bytes. Its errors say why, not which file.
func Read(open Opener, path string) ([]byte, error) {
	f, err := open(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a named pipe must not make the build wait
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("must be a regular file, is %s", info.Mode().Type())
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, reason(err)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("must be at most %d bytes, is %d", MaxSize, info.Size())
	}
	return data, nil
}

// reason strips the system call and path from a file error: the caller names the file in the user's own words.
func reason(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}
