package libvirt

import (
	"errors"
	"io"
	"os"
)

// copySource gives a build the file for as long as it lasts: the disk reads from it until the export is done, whoever
// replaces the original meanwhile. QEMU's user need not be able to enter the original's folder, and libvirt, which makes
// that user the owner of a backing file and leaves it so, does it to the copy. File systems that can share the blocks do.
func copySource(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	_, err = io.Copy(target, source) // copy_file_range(2)
	return err
}
