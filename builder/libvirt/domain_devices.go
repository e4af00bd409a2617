package libvirt

import "libvirt.org/go/libvirtxml"

// disks are virtio, the seed too: Debian's cloud kernel has no driver for an emulated CD-ROM. The throw-away
// disk is written without regard for a crash of the host (cache=unsafe), since an interrupted build starts over.
func (g guest) disks(domain *libvirtxml.Domain) error {
	root := virtioDisk(rootDevice, "qcow2", g.disk)
	root.Driver.Cache, root.Driver.Discard, root.Driver.DetectZeros = "unsafe", "unmap", "unmap"
	root.Driver.ErrorPolicy = "enospace" // pause, so that a full disk is seen from outside
	seed := virtioDisk("vdb", "raw", g.seed)
	seed.ReadOnly = &libvirtxml.DomainDiskReadOnly{}
	domain.Devices.Disks = []libvirtxml.DomainDisk{root, seed}
	if g.artifacts != "" {
		artifacts := virtioDisk("vdc", "raw", g.artifacts)
		artifacts.Serial, artifacts.ReadOnly = artifactsSerial, &libvirtxml.DomainDiskReadOnly{}
		domain.Devices.Disks = append(domain.Devices.Disks, artifacts)
	}
	return nil
}

// rootDevice is the disk that becomes the image.
const rootDevice = "vda"

// artifactsSerial is how the guest tells the artifacts' disk from others: /dev/disk/by-id/virtio-<serial>. At most 20 bytes.
const artifactsSerial = "ingot-artifacts"

func virtioDisk(device, format, path string) libvirtxml.DomainDisk {
	return libvirtxml.DomainDisk{
		Device: "disk",
		Driver: &libvirtxml.DomainDiskDriver{Name: "qemu", Type: format},
		Source: &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: path}},
		Target: &libvirtxml.DomainDiskTarget{Dev: device, Bus: "virtio"},
	}
}

// serialConsole keeps all that the guest prints in a file.
func (g guest) serialConsole(domain *libvirtxml.Domain) error {
	source := &libvirtxml.DomainChardevSource{File: &libvirtxml.DomainChardevSourceFile{Path: g.console, Append: "on"}}
	port := uint(0)
	domain.Devices.Serials = []libvirtxml.DomainSerial{{Source: source, Target: &libvirtxml.DomainSerialTarget{Port: &port}}}
	return nil
}

func (g guest) agentChannel(domain *libvirtxml.Domain) error {
	domain.Devices.Channels = []libvirtxml.DomainChannel{{
		Source: &libvirtxml.DomainChardevSource{UNIX: &libvirtxml.DomainChardevSourceUNIX{}},
		Target: &libvirtxml.DomainChannelTarget{VirtIO: &libvirtxml.DomainChannelTargetVirtIO{Name: "org.qemu.guest_agent.0"}},
	}}
	return nil
}

func (g guest) randomness(domain *libvirtxml.Domain) error {
	domain.Devices.RNGs = []libvirtxml.DomainRNG{{
		Model:   "virtio",
		Backend: &libvirtxml.DomainRNGBackend{Random: &libvirtxml.DomainRNGBackendRandom{Device: "/dev/urandom"}},
	}}
	return nil
}

func (g guest) tpm(domain *libvirtxml.Domain) error {
	if g.config.TPM {
		domain.Devices.TPMs = []libvirtxml.DomainTPM{{
			Model:   "tpm-crb",
			Backend: &libvirtxml.DomainTPMBackend{Emulator: &libvirtxml.DomainTPMBackendEmulator{Version: "2.0"}},
		}}
	}
	return nil
}
