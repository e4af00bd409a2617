package libvirt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// qcow2Header is the head of every qcow2 file, of which the fields up to the backing file's name are read.
// https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.rst
type qcow2Header struct {
	Magic         [4]byte
	Version       uint32
	BackingOffset uint64
	BackingSize   uint32 // bytes, at most 1023
}

// backingFile is the path that a qcow2 file names as the disk below it, empty for a file that is complete in itself. It reads one block
// where qemu-img is a process.
func backingFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var header qcow2Header
	if err := binary.Read(f, binary.BigEndian, &header); err != nil || string(header.Magic[:]) != "QFI\xfb" {
		return "", errors.New("it does not begin as a qcow2 file")
	}
	if header.BackingOffset == 0 {
		return "", nil
	}
	name := make([]byte, min(header.BackingSize, 1023))
	if _, err := io.ReadFull(io.NewSectionReader(f, int64(header.BackingOffset), int64(len(name))), name); err != nil {
		return "", fmt.Errorf("reading the name of its backing file: %w", err)
	}
	return string(name), nil
}
