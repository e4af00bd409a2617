package verify

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tree is a root file system, mounted read-only or lying in a directory.
type tree struct{ root string }

// audit looks at the file without booting it: the qcow2, each partition, the root file system, and bytes that belong to no file.
func (v *verification) audit(ctx context.Context) []Check {
	begin := time.Now()
	want, err := newExpectations(v.config.Declared, v.config.Tasks, v.buildID)
	if err == nil {
		err = os.MkdirAll(v.config.CacheDirectory, 0o755)
	}
	if err != nil {
		return []Check{{Phase: phaseFile, Name: "the file can be looked at", Problems: []string{err.Error()}, Took: time.Since(begin)}}
	}
	return auditImage(ctx, v.image, v.config.CacheDirectory, want)
}

// auditImage unpacks the image into a folder below parent, and removes that again.
func auditImage(ctx context.Context, image, parent string, want expectations) []Check {
	checks := []Check{check("one flat and sound qcow2", func() []string { return lookAtFormat(ctx, image) })}
	var d *disk
	unpacked := check("the disk and its partitions can be read", func() (problems []string) {
		var err error
		if d, err = openDisk(ctx, image, parent); err != nil {
			problems = append(problems, err.Error())
		}
		return problems
	})
	checks = append(checks, unpacked)
	if d == nil {
		return checks
	}
	checks = append(checks, auditDisk(ctx, d, want)...)
	checks = append(checks, auditPartitions(ctx, d, want)...)
	return append(checks, check("unmounted again", func() (problems []string) {
		if err := d.close(); err != nil {
			problems = append(problems, err.Error())
		}
		return problems
	}))
}

// auditPartitions mounts what is ext4, and looks at it. That needs root.
func auditPartitions(ctx context.Context, d *disk, want expectations) []Check {
	if os.Geteuid() != 0 {
		return []Check{{Phase: phaseFile, Name: "the root file system", Skipped: "mounting it needs root: run Packer, or packer-plugin-ingot verify, as root"}}
	}
	var root string
	mounted := check("the root file system can be mounted", func() []string {
		var problems []string
		root, problems = mountTree(ctx, d)
		return problems
	})
	if root == "" {
		return []Check{mounted}
	}
	return append([]Check{mounted}, auditTree(ctx, tree{root: root}, want)...)
}

// mountTree mounts the root file system, and at its /boot the one that holds the kernel, where that is a partition of its own.
func mountTree(ctx context.Context, d *disk) (root string, problems []string) {
	var boot *partition
	for i, p := range d.partitions {
		if p.content != "ext4" {
			continue
		}
		directory := filepath.Join(d.directory, filepath.Base(p.node))
		err := os.Mkdir(directory, 0o755)
		if err == nil {
			err = d.mount(ctx, p, directory)
		}
		switch {
		case err != nil:
			problems = append(problems, p.String()+": "+err.Error())
		case root == "" && exists(directory, "etc/passwd"):
			root = directory
		case boot == nil && exists(directory, "grub/grub.cfg"):
			boot = &d.partitions[i]
		default:
			problems = append(problems, p.String()+": is neither the root file system nor that of /boot; an image has no other ext4, as state begins on each machine")
		}
	}
	if root == "" {
		return "", append(problems, "no partition has an ext4 file system with /etc/passwd: "+strings.Join(names(d.partitions), ", "))
	}
	if boot != nil {
		if err := d.mount(ctx, *boot, filepath.Join(root, "boot")); err != nil {
			problems = append(problems, "/boot: "+err.Error())
		}
	}
	return root, problems
}

func names(partitions []partition) (all []string) {
	for _, p := range partitions {
		all = append(all, p.String())
	}
	return all
}

func exists(directory, name string) bool {
	_, err := os.Lstat(filepath.Join(directory, name))
	return err == nil
}
