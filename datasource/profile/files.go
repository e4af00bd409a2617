package profile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// A folder of Ansible files has neither this many files nor this many bytes; a whole disk or the output of builds has.
const (
	maxFiles = 100_000
	maxBytes = 16 << 30
)

// file is one file of the folder. Its mode and its times are left out: they come from the checkout, and task files write the mode
// that they want (all but `mode: preserve`, which makes an image depend on the umask of whoever cloned the repository).
type file struct {
	path   string // below ansible_directory
	kind   kind
	sha256 string
	size   int64
	text   string // what is searched for references: "" when it is no text, too long for one, or somebody else's collection
}

func (r *resolver) loadFiles() {
	files, err := r.folder.files()
	r.files = files
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

// files returns all that can change what a task does, in the order of the paths. Its error has every file that cannot be read.
func (f *folder) files() ([]*file, error) {
	var found []*file
	var errs []error
	var size int64
	err := fs.WalkDir(f.root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		kind := kindOf(path)
		switch {
		case err == nil && kind == irrelevant && entry.IsDir():
			return fs.SkipDir
		case err == nil && (kind == irrelevant || entry.IsDir()):
			return nil
		case len(found) == maxFiles || size > maxBytes:
			return fmt.Errorf("ansible_directory: must hold at most %d files and %d GiB, %s has more; give the folder that has only tasks/ and what belongs to it",
				maxFiles, maxBytes>>30, f.path)
		}
		one := &file{path: path, kind: kind}
		if err == nil {
			err = f.readInto(one)
		}
		if err == nil {
			found, size = append(found, one), size+one.size
		} else if !errors.Is(err, fs.ErrNotExist) { // a link to nothing, such as an editor's lock, is nothing to Ansible too
			errs = append(errs, fmt.Errorf("reading %s: %w", f.show(path), reason(err)))
		}
		return nil
	})
	return found, errors.Join(append(errs, err)...)
}

// readInto hashes a file of any size, and keeps what may be its text. A link is read as what it leads to.
func (f *folder) readInto(one *file) error {
	in, err := f.root.OpenFile(one.path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a named pipe must not make the build wait
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("is a link to a folder, and only links to files are followed; put the folder itself there")
	case !info.Mode().IsRegular():
		return fmt.Errorf("must be a regular file, is %s", info.Mode().Type())
	case info.Size() > maxBytes: // said here, before it is read for minutes
		return fmt.Errorf("must be at most %d GiB, is %d GiB", maxBytes>>30, info.Size()>>30)
	case one.isEvaluated() && info.Size() > strictyaml.MaxSize:
		return fmt.Errorf("must be at most %d bytes, is %d", strictyaml.MaxSize, info.Size())
	}
	sum := sha256.New()
	head, err := io.ReadAll(io.TeeReader(io.LimitReader(in, strictyaml.MaxSize), sum))
	if err != nil {
		return err
	}
	rest, err := io.Copy(sum, in)
	if rest == 0 && !strings.HasPrefix(one.path, "collections/") && !bytes.ContainsRune(head, 0) {
		one.text = string(head)
	}
	one.sha256, one.size = hex.EncodeToString(sum.Sum(nil)), int64(len(head))+rest
	return err
}

// reason strips the system call and path from a file error: the caller names the file in the user's own words.
func reason(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}
