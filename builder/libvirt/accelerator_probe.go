package libvirt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"
)

// probeDeadline is ten times what firmware and boot sector take on a slow but working KVM.
const probeDeadline = 3 * time.Second

// bootSector powers the machine off through the ACPI control register of QEMU's PC machines: port 0x604, SLP_EN.
// mov dx,0x604; mov ax,0x2000; out dx,ax; hlt; jmp $-1
var bootSector = []byte{0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4, 0xeb, 0xfd}

// probeKVM boots a guest of one instruction and returns why KVM cannot be used, or nil. Opening /dev/kvm
// is no proof: nested virtualisation may be there and yet crawl.
func probeKVM(ctx context.Context, conn *libvirt.Connect, build *buildDirectory) error {
	if _, err := os.Stat("/dev/kvm"); err != nil {
		return fmt.Errorf("this machine has no /dev/kvm")
	}
	if guestArchitecture().name != "x86_64" {
		return nil // the boot sector is x86 code; elsewhere the device is taken at its word
	}
	path := filepath.Join(build.path, "probe.img")
	defer os.Remove(path)
	if err := os.WriteFile(path, probeDisk(), 0o600); err != nil {
		return err
	}
	definition, err := probeDomain(build.id, path)
	if err != nil {
		return err
	}
	return runProbe(ctx, conn, definition)
}

// probeDisk is a bootable disk of 1 MiB, the least that SeaBIOS takes.
func probeDisk() []byte {
	disk := make([]byte, 1<<20)
	copy(disk, bootSector)
	disk[510], disk[511] = 0x55, 0xaa
	return disk
}

func probeDomain(build buildID, disk string) (*libvirtxml.Domain, error) {
	build.Source = "probe"
	mark, err := build.mark()
	return &libvirtxml.Domain{
		Type: "kvm", Name: build.domainName(), OnPoweroff: "destroy",
		Metadata: &libvirtxml.DomainMetadata{XML: mark},
		Memory:   &libvirtxml.DomainMemory{Value: 64, Unit: "MiB"},
		OS: &libvirtxml.DomainOS{
			Type:        &libvirtxml.DomainOSType{Arch: "x86_64", Machine: "q35", Type: "hvm"},
			BootDevices: []libvirtxml.DomainBootDevice{{Dev: "hd"}},
		},
		Features: &libvirtxml.DomainFeatureList{ACPI: &libvirtxml.DomainFeature{}},
		Devices:  &libvirtxml.DomainDeviceList{Disks: []libvirtxml.DomainDisk{virtioDisk("vda", "raw", disk)}},
	}, err
}

// runProbe starts the transient domain and waits until it has powered itself off.
func runProbe(ctx context.Context, conn *libvirt.Connect, definition *libvirtxml.Domain) error {
	text, err := definition.Marshal()
	if err != nil {
		return err
	}
	domain, err := conn.DomainCreateXML(text, 0)
	if err != nil {
		return fmt.Errorf("QEMU does not start with it: %w", err)
	}
	defer domain.Free()
	defer domain.Destroy() // "no such domain" is the good case
	err = poll(ctx, probeDeadline, 20*time.Millisecond, "a guest of one instruction to power off", func() (bool, error) {
		return isOff(domain)
	})
	if err != nil {
		return fmt.Errorf("/dev/kvm is there, but: %w", err)
	}
	return nil
}
