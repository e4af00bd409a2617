package libvirt

import (
	"fmt"
	"os"

	"github.com/diskfs/go-diskfs/backend/file"
	"github.com/diskfs/go-diskfs/filesystem/iso9660"
)

// seedSize is far more than two small files take, in bytes.
const seedSize = 1 << 20

// writeSeed writes the files to an ISO 9660 volume labelled cidata, where cloud-init's NoCloud looks for them.
// https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html
func writeSeed(path string, files map[string][]byte) (err error) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) { // left by an attempt before -on-error=ask retried
		return err
	}
	storage, err := file.CreateFromPath(path, seedSize)
	if err != nil {
		return err
	}
	defer storage.Close()
	if err := os.Chmod(path, 0o600); err != nil { // before the host key is in it
		return err
	}
	volume, err := iso9660.Create(storage, seedSize, 0, 2048, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(volume.Workspace())
	for name, content := range files {
		if err := writeSeedFile(volume, name, content); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return volume.Finalize(iso9660.FinalizeOptions{RockRidge: true, VolumeIdentifier: "cidata"})
}

func writeSeedFile(volume *iso9660.FileSystem, name string, content []byte) error {
	f, err := volume.OpenFile(name, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Close()
}
