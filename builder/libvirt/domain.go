package libvirt

import (
	"encoding/xml"
	"fmt"

	"libvirt.org/go/libvirtxml"
)

// guest is all that a domain is made of; it is known only once the steps before `define` have run.
type guest struct {
	config      *Config
	build       buildID
	accelerator accelerator
	disk, seed  string // paths on the host
	artifacts   string // path on the host, empty without artifacts
	console     string // path on the host
	sshPort     int    // of 127.0.0.1, with network_type = "user"
}

// domain puts the domain together, one concern at a time.
func (g guest) domain() (*libvirtxml.Domain, error) {
	domain := &libvirtxml.Domain{
		Type: g.accelerator.domainType(), Name: g.build.domainName(), Devices: &libvirtxml.DomainDeviceList{},
		OnPoweroff: "destroy", OnReboot: "restart", OnCrash: "destroy",
	}
	for _, add := range []func(*libvirtxml.Domain) error{
		g.metadata, g.cpu, g.memory, g.firmware, g.clock, g.disks, g.serialConsole, g.agentChannel,
		g.randomness, g.tpm, g.network, g.domainXML,
	} {
		if err := add(domain); err != nil {
			return nil, err
		}
	}
	return domain, nil
}

// metadata marks the domain as this build's, so that another run can tell whether it is orphaned.
func (g guest) metadata(domain *libvirtxml.Domain) error {
	mark, err := g.build.mark()
	domain.Metadata = &libvirtxml.DomainMetadata{XML: mark}
	return err
}

func (g guest) cpu(domain *libvirtxml.Domain) error {
	domain.VCPU = &libvirtxml.DomainVCPU{Value: uint(g.config.CPUs)}
	domain.CPU = g.accelerator.cpu()
	if g.config.CPUModel != "" {
		domain.CPU = &libvirtxml.DomainCPU{Mode: "custom", Match: "exact", Model: &libvirtxml.DomainCPUModel{Value: g.config.CPUModel}}
	}
	return nil
}

func (g guest) memory(domain *libvirtxml.Domain) error {
	domain.Memory = &libvirtxml.DomainMemory{Value: uint(g.config.Memory), Unit: "MiB"}
	domain.Devices.MemBalloon = &libvirtxml.DomainMemBalloon{Model: "none"}
	return nil
}

// firmware leaves the choice of files to libvirt's own firmware selection.
func (g guest) firmware(domain *libvirtxml.Domain) error {
	domain.OS = &libvirtxml.DomainOS{
		Type:        &libvirtxml.DomainOSType{Arch: guestArchitecture().name, Machine: g.config.Machine, Type: "hvm"},
		BootDevices: []libvirtxml.DomainBootDevice{{Dev: "hd"}},
	}
	domain.Features = &libvirtxml.DomainFeatureList{ACPI: &libvirtxml.DomainFeature{}}
	if g.config.Firmware == "bios" {
		return nil
	}
	secure := "no"
	if g.config.Firmware == "uefi-secure" {
		secure = "yes"
		domain.Features.SMM = &libvirtxml.DomainFeatureSMM{State: "on"}
	}
	domain.OS.Firmware = "efi"
	domain.OS.FirmwareInfo = &libvirtxml.DomainOSFirmwareInfo{Features: []libvirtxml.DomainOSFirmwareFeature{
		{Enabled: secure, Name: "secure-boot"}, {Enabled: secure, Name: "enrolled-keys"},
	}}
	return nil
}

func (g guest) clock(domain *libvirtxml.Domain) error {
	domain.Clock = &libvirtxml.DomainClock{Offset: "utc"}
	return nil
}

// domainXML lays the user's own XML over the typed parts: lists grow, everything else is replaced.
func (g guest) domainXML(domain *libvirtxml.Domain) error {
	if g.config.DomainXML == "" {
		return nil
	}
	if err := xml.Unmarshal([]byte(g.config.DomainXML), domain); err != nil {
		return fmt.Errorf("domain_xml: laying it over the generated domain: %w", err)
	}
	return nil
}
