package libvirt

import (
	"context"
	"os"
	"path/filepath"
)

// writeSeed writes the files to an ISO 9660 volume labelled cidata, where cloud-init's NoCloud looks for them. It works in a folder
// beside the volume, which nobody else can enter: there is a private key in it.
// https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html
func writeSeed(ctx context.Context, path string, files map[string][]byte) error {
	folder := path + ".files"
	if err := emptyFolder(folder, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return err
		}
	}
	return writeISO(ctx, path, "cidata", folder)
}
