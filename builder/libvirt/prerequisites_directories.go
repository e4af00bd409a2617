package libvirt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// outputNames are the files of a complete output directory.
func (c *Config) outputNames() []string { return append([]string{c.ImageName}, besideTheImage...) }

var besideTheImage = []string{"SHA256SUMS", manifestFile, consoleFile, ansibleFile, "verify.json", "verify.xml"}

func (c *Config) checkOutputDirectory() error {
	if c.SkipExport {
		return nil
	}
	if info, err := os.Lstat(c.OutputDirectory); err == nil && !info.IsDir() {
		return fmt.Errorf("output_directory: %s must be a directory, it is a file or a symbolic link; name the place itself", c.OutputDirectory)
	}
	if isMountPoint(c.OutputDirectory) {
		return fmt.Errorf("output_directory: %s is a mount point, which cannot be replaced as a whole; choose a directory in it", c.OutputDirectory)
	}
	entries, err := os.ReadDir(c.OutputDirectory)
	if errors.Is(err, os.ErrNotExist) {
		return c.checkWritable("output_directory", filepath.Dir(filepath.Clean(c.OutputDirectory)))
	}
	if err != nil {
		return fmt.Errorf("output_directory: looking at what is there: %w", err)
	}
	if err := c.checkEntries(entries); err != nil {
		return err
	}
	return c.checkWritable("output_directory", filepath.Dir(filepath.Clean(c.OutputDirectory)))
}

// isMountPoint reports whether the directory is on another file system than its parent.
func isMountPoint(directory string) bool {
	var own, parent unix.Stat_t
	return unix.Stat(directory, &own) == nil && unix.Stat(filepath.Join(directory, ".."), &parent) == nil && own.Dev != parent.Dev
}

func (c *Config) checkCacheDirectory() error {
	if err := c.checkWritable("cache_directory", c.CacheDirectory); err != nil {
		return err
	}
	if c.LibvirtURI != "qemu:///system" {
		return nil
	}
	return checkPassable(c.CacheDirectory)
}

// checkPassable looks at every folder on the way: under qemu:///system, QEMU runs as a user of its own.
func checkPassable(directory string) error {
	path, err := filepath.Abs(directory)
	if err != nil {
		return err
	}
	for ; path != "/"; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("cache_directory: %w", err)
		}
		if info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("cache_directory: the user that runs QEMU cannot enter %s; run: chmod o+x %s, or choose another directory",
				path, path)
		}
	}
	return nil
}
