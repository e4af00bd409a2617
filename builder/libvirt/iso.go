package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/diskfs/go-diskfs/backend/file"
	"github.com/diskfs/go-diskfs/filesystem/iso9660"
)

const (
	isoBlock       = 2048    // bytes
	isoStructures  = 1 << 20 // bytes: far more than the tables of some files take
	isoLargestFile = 4<<30 - 1
)

// writeISO writes what is in the folder to an ISO 9660 volume, with Rock Ridge for the names, that only this user can read. The
// content goes from file to file. The folder is used up: go-diskfs takes it for a work space of its own and removes it.
func writeISO(ctx context.Context, path, label, folder string) error {
	size, err := isoSize(folder)
	if err != nil {
		return err
	}
	if err := removeFiles("", path); err != nil { // left by an attempt before -on-error=ask retried
		return err
	}
	storage, err := file.CreateFromPath(path, size)
	if err != nil {
		return err
	}
	defer storage.Close()
	if err := os.Chmod(path, 0o600); err != nil { // before a key is in it
		return err
	}
	volume, err := iso9660.Create(storage, size, 0, isoBlock, folder)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = storage.Close() }) // go-diskfs knows no context; its next write fails
	defer stop()
	err = volume.Finalize(iso9660.FinalizeOptions{RockRidge: true, VolumeIdentifier: label})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// isoSize is enough for the files of the folder.
func isoSize(folder string) (size int64, err error) {
	size = isoStructures
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() > isoLargestFile {
			return fmt.Errorf("%s: must be smaller than 4 GiB to go on the disk, got %d MiB", filepath.Base(path), info.Size()>>20)
		}
		size += (info.Size()/isoBlock + 2) * isoBlock
		return nil
	})
	return size, err
}

// emptyFolder makes a folder for writeISO, without what an attempt before left.
func emptyFolder(path string, mode os.FileMode) error {
	return errors.Join(os.RemoveAll(path), os.Mkdir(path, mode), os.Chmod(path, mode)) // whatever the umask is
}
