package verify

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// aside is where the image is while nobody knows yet whether it is good: its output directory has another name then. Outside of an
// output directory the file alone has.
type aside struct {
	found image
	path  string // its own name
	now   string // the one it has
}

// setAside takes the image out of the way of whoever looks for it.
func setAside(found image) (*aside, error) {
	p := &aside{found: found, path: found.path}
	if found.isInOutput() {
		p.path = found.directory()
	}
	p.now = p.path
	if err := p.rename(p.path + ".unverified"); err != nil {
		return nil, fmt.Errorf("ingot-verify: keeping the image aside until it has passed: %w", err)
	}
	return p, nil
}

// image is the path of the file as it is now.
func (p *aside) image() string {
	if p.found.isInOutput() {
		return filepath.Join(p.now, p.found.name())
	}
	return p.now
}

// directory is where logs and reports belong.
func (p *aside) directory() string { return filepath.Dir(p.image()) }

// settle gives the image its name back, or one that says that it did not pass. Its error has all problems.
func (p *aside) settle(r report) error {
	if r.Passed {
		if err := p.rename(p.path); err != nil {
			return p.left(fmt.Errorf("ingot-verify: the image passed: giving it its name: %w", err))
		}
		return nil
	}
	if err := p.rename(p.path + ".failed"); err != nil {
		return p.left(errors.Join(r.problem(p.now), fmt.Errorf("ingot-verify: keeping it aside: %w", err)))
	}
	return r.problem(p.now)
}

// left says where an image is that was not looked at to the end.
func (p *aside) left(err error) error {
	return fmt.Errorf("%w\ningot-verify: the image is not verified, and is in %s", err, p.now)
}

// rename replaces what an earlier verification left there, and nothing of anybody else's.
func (p *aside) rename(to string) error {
	if to != p.path {
		if err := removeOwn(to); err != nil {
			return err
		}
	}
	if err := unix.Renameat2(unix.AT_FDCWD, p.now, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE); err != nil {
		return &os.LinkError{Op: "rename", Old: p.now, New: to, Err: err}
	}
	p.now = to
	return nil
}

// removeOwn removes a directory of an earlier image, or the logs that the builder keeps of a failed build there.
func removeOwn(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() || isOutput(path) {
		return os.RemoveAll(path)
	}
	return fmt.Errorf("%s is no output directory of Ingot's; move it away", path)
}

// isOutput tells whether a directory is Ingot's: it has a manifest, or nothing but logs of a build that failed.
func isOutput(directory string) bool {
	if _, err := os.Stat(filepath.Join(directory, manifestFile)); err == nil {
		return true
	}
	entries, err := os.ReadDir(directory)
	for _, entry := range entries {
		if name := entry.Name(); name != "console.log" && name != "ansible.log" {
			return false
		}
	}
	return err == nil
}
