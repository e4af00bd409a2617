package libvirt

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// freeSpace is what a small build takes beside its copies, in bytes.
const freeSpace = 2 << 30

func (c *Config) checkFreeSpace(attribute, directory string) error {
	var fs unix.Statfs_t
	if err := unix.Statfs(directory, &fs); err != nil {
		return fmt.Errorf("%s: asking for the free space of %s: %w", attribute, directory, err)
	}
	need := freeSpace + 2*c.knownSize()
	if free := int64(fs.Bavail) * fs.Bsize; free < need {
		return fmt.Errorf("%s: %s has %d MiB free, a build needs at least %d MiB; make room or choose another directory",
			attribute, directory, free>>20, need>>20)
	}
	return nil
}

// knownSize is the bytes of what is on this machine already and goes into the image: the source image and the artifacts, each of
// which is copied and then changed or unpacked. How large the others are is known once they are here.
func (c *Config) knownSize() int64 {
	size := sizeOf(c.SourceImage)
	if c.isURL() {
		size = sizeOf(c.cachedSource())
	}
	files, _ := c.pinnedFiles() // validated before
	for _, file := range files {
		size += sizeOf(c.cachedArtifact(file))
	}
	return size
}
