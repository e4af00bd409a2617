package libvirt

import (
	"fmt"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"
)

// snapshotFlags: of the disk only; nothing has changed when it fails; libvirt keeps no record, which would be in the way when the domain is
// removed; the new file is there already, with a header of our making.
const snapshotFlags = libvirt.DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | libvirt.DOMAIN_SNAPSHOT_CREATE_ATOMIC |
	libvirt.DOMAIN_SNAPSHOT_CREATE_NO_METADATA | libvirt.DOMAIN_SNAPSHOT_CREATE_REUSE_EXT

// continueIn has the running guest write to the overlay from now on. The file before it is then complete, and closed for writing: QEMU
// writes out what it keeps of it, marks it clean and opens it again to read.
func continueIn(domain *libvirt.Domain, overlay string) error {
	text, err := domain.GetXMLDesc(0)
	if err != nil {
		return fmt.Errorf("asking libvirt for the guest's disks: %w", err)
	}
	text, err = snapshotXML(text, overlay)
	if err != nil {
		return err
	}
	snapshot, err := domain.CreateSnapshotXML(text, snapshotFlags)
	if err != nil {
		return fmt.Errorf("taking a snapshot of the guest's disk: %w", err)
	}
	return snapshot.Free()
}

// snapshotXML names the overlay for the root disk, and leaves all other disks of the domain alone.
func snapshotXML(domain, overlay string) (string, error) {
	var definition libvirtxml.Domain
	if err := definition.Unmarshal(domain); err != nil {
		return "", fmt.Errorf("reading what libvirt says of the guest's disks: %w", err)
	}
	disks := new(libvirtxml.DomainSnapshotDisks)
	if definition.Devices != nil {
		for _, disk := range definition.Devices.Disks {
			disks.Disks = append(disks.Disks, snapshotDisk(disk, overlay))
		}
	}
	return (&libvirtxml.DomainSnapshot{Disks: disks}).Marshal()
}

// rootDisk asks libvirt for the file that the guest writes to, or has written to last.
func rootDisk(domain *libvirt.Domain) (string, error) {
	text, err := domain.GetXMLDesc(0)
	if err != nil {
		return "", fmt.Errorf("asking libvirt for the guest's disk: %w", err)
	}
	var definition libvirtxml.Domain
	if err := definition.Unmarshal(text); err != nil {
		return "", fmt.Errorf("reading what libvirt says of the guest's disk: %w", err)
	}
	for _, disk := range definition.Devices.Disks {
		if disk.Target.Dev == rootDevice && disk.Source != nil && disk.Source.File != nil {
			return disk.Source.File.File, nil
		}
	}
	return "", fmt.Errorf("the domain has no disk %s with a file any more", rootDevice)
}

func snapshotDisk(disk libvirtxml.DomainDisk, overlay string) libvirtxml.DomainSnapshotDisk {
	if disk.Target.Dev != rootDevice { // libvirt gives every disk a target
		return libvirtxml.DomainSnapshotDisk{Name: disk.Target.Dev, Snapshot: "no"}
	}
	return libvirtxml.DomainSnapshotDisk{
		Name: rootDevice, Snapshot: "external",
		Driver: &libvirtxml.DomainDiskDriver{Type: "qcow2"},
		Source: &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: overlay}},
	}
}
