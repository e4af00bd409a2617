package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/diskfs/go-diskfs/backend/file"
	"github.com/diskfs/go-diskfs/filesystem"
	"github.com/diskfs/go-diskfs/filesystem/fat16"
	"github.com/diskfs/go-diskfs/filesystem/fat32"
)

// lookAtFormat asks qemu-img for all that would make the file more, or less, than one disk.
func lookAtFormat(ctx context.Context, image string) (problems []string) {
	output, err := hostCommand(ctx, "qemu-img", "info", "--output=json", image)
	if err != nil {
		return []string{err.Error()}
	}
	var info struct {
		Format    string `json:"format"`
		Backing   string `json:"backing-filename"`
		Encrypted bool   `json:"encrypted"`
		Dirty     bool   `json:"dirty-flag"`
		Snapshots []struct{ Name string }
		Specific  struct {
			Data struct {
				Corrupt  bool   `json:"corrupt"`
				DataFile string `json:"data-file"`
			} `json:"data"`
		} `json:"format-specific"`
	}
	if err := json.Unmarshal(output, &info); err != nil {
		return []string{"reading what qemu-img info says: " + err.Error()}
	}
	for _, one := range []struct {
		isBroken bool
		rule     string
	}{
		{info.Format != "qcow2", "must be a qcow2, is " + info.Format},
		{info.Backing != "", "must stand alone, its backing file is " + info.Backing},
		{info.Specific.Data.DataFile != "", "must stand alone, its data are in " + info.Specific.Data.DataFile},
		{info.Encrypted, "must not be encrypted"},
		{info.Specific.Data.Corrupt || info.Dirty, "is marked as corrupt or as not closed"},
		{len(info.Snapshots) > 0, fmt.Sprintf("must have no internal snapshots, has %d", len(info.Snapshots))},
	} {
		if one.isBroken {
			problems = append(problems, image+": "+one.rule)
		}
	}
	if output, err := hostCommand(ctx, "qemu-img", "check", image); err != nil && info.Format == "qcow2" {
		problems = append(problems, fmt.Sprintf("%s: %v; %s", image, err, strings.TrimSpace(string(output))))
	}
	return problems
}

// auditDisk looks at what is no part of the root file system. It needs no root.
func auditDisk(ctx context.Context, d *disk, want expectations) []Check {
	return []Check{
		check("every partition is known", func() []string { return lookAtPartitions(d) }),
		check("the EFI partition has boot loaders only", func() []string { return lookAtEFI(d, want) }),
		check("no deleted trace on the disk", func() []string { return lookAtDeleted(ctx, d, want) }),
	}
}

func lookAtPartitions(d *disk) (problems []string) {
	for _, p := range d.partitions {
		if p.content == "" && p.kind != biosBoot {
			problems = append(problems, fmt.Sprintf("%s: is neither ext4 nor vfat nor GRUB's (type %s): an image has no partition that nobody looked into", p, p.kind))
		}
	}
	return problems
}

// lookAtEFI reads it without the kernel, which need not know vfat.
func lookAtEFI(d *disk, want expectations) (problems []string) {
	for _, p := range d.partitions {
		if p.content != "vfat" {
			continue
		}
		volume, err := openFAT(d.raw, p)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", p, err))
			continue
		}
		traces := want.traces()
		err = fs.WalkDir(volume, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if !loaders.MatchString(path) {
				problems = append(problems, fmt.Sprintf("%s: /%s: is no boot loader; they are in /EFI", p, path))
			}
			content, err := volume.ReadFile(path)
			for _, found := range lookIn(content, traces, false) {
				problems = append(problems, fmt.Sprintf("%s: /%s: %s", p, path, found))
			}
			return err
		})
		if err = errors.Join(err, volume.Close()); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", p, err))
		}
	}
	return problems
}

// loaders are the files of shim, GRUB and firmware updates.
var loaders = regexp.MustCompile(`(?i)^(EFI/(BOOT|debian|ubuntu|systemd|Linux)/[^/]+|loader/.+)$`)

func openFAT(raw string, p partition) (filesystem.FileSystem, error) {
	f, err := os.Open(raw)
	if err != nil {
		return nil, err
	}
	storage := file.New(f, true)
	if volume, err := fat32.Read(storage, p.size, p.start, 512); err == nil {
		return volume, nil
	}
	volume, err := fat16.Read(storage, p.size, p.start, 512)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading its FAT: %w", err), f.Close())
	}
	return volume, nil
}
