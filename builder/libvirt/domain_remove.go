package libvirt

import (
	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"
)

// undefineFlags are those that the domain needs: libvirt refuses to undefine a domain with NVRAM or TPM state
// without being told what becomes of it, and some drivers refuse the flags where there is none.
func undefineFlags(domain *libvirt.Domain) libvirt.DomainUndefineFlagsValues {
	var flags libvirt.DomainUndefineFlagsValues
	text, err := domain.GetXMLDesc(libvirt.DOMAIN_XML_INACTIVE)
	if err != nil {
		return flags
	}
	var definition libvirtxml.Domain
	if err := definition.Unmarshal(text); err != nil {
		return flags
	}
	if definition.OS != nil && (definition.OS.Firmware == "efi" || definition.OS.NVRam != nil) {
		flags |= libvirt.DOMAIN_UNDEFINE_NVRAM
	}
	if definition.Devices != nil && len(definition.Devices.TPMs) > 0 {
		flags |= libvirt.DOMAIN_UNDEFINE_TPM
	}
	return flags
}
