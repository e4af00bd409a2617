package libvirt

import (
	"errors"

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

// removeDomain stops and undefines a domain in whatever state it is; one that is gone already is removed.
func removeDomain(domain *libvirt.Domain) error {
	err := domain.Destroy()
	if err != nil && !errors.Is(err, libvirt.ERR_OPERATION_INVALID) && !errors.Is(err, libvirt.ERR_NO_DOMAIN) {
		return err
	}
	err = domain.UndefineFlags(undefineFlags(domain))
	if errors.Is(err, libvirt.ERR_NO_DOMAIN) || errors.Is(err, libvirt.ERR_OPERATION_INVALID) { // transient: gone when destroyed
		return nil
	}
	return err
}
