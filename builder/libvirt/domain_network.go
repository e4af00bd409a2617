package libvirt

import (
	"fmt"
	"strings"

	"libvirt.org/go/libvirtxml"
)

// network adds the guest's one network card.
func (g guest) network(domain *libvirtxml.Domain) error {
	switch g.config.NetworkType {
	case "network":
		return g.networkInterface(domain, libvirtxml.DomainInterfaceSource{
			Network: &libvirtxml.DomainInterfaceSourceNetwork{Network: g.config.NetworkName}})
	case "bridge":
		return g.networkInterface(domain, libvirtxml.DomainInterfaceSource{
			Bridge: &libvirtxml.DomainInterfaceSourceBridge{Bridge: g.config.NetworkName}})
	}
	return g.userNetwork(domain)
}

func (g guest) networkInterface(domain *libvirtxml.Domain, source libvirtxml.DomainInterfaceSource) error {
	domain.Devices.Interfaces = []libvirtxml.DomainInterface{{
		Source: &source, Model: &libvirtxml.DomainInterfaceModel{Type: "virtio"},
		MAC: &libvirtxml.DomainInterfaceMAC{Address: g.build.mac()},
	}}
	return nil
}

// userNetwork goes through QEMU's command line, since libvirt's XML has no port forwarding for user-mode
// networking without passt (https://libvirt.org/formatdomain.html#userspace-connection-using-slirp). The device sits
// at a PCI slot far above those that libvirt hands out to the few other devices.
func (g guest) userNetwork(domain *libvirtxml.Domain) error {
	bus, slot := "pcie.0", "0x18"
	if g.config.Machine == "pc" || strings.HasPrefix(g.config.Machine, "pc-i440fx") {
		bus = "pci.0" // i440fx has no PCI Express
	}
	domain.QEMUCommandline = &libvirtxml.DomainQEMUCommandline{Args: []libvirtxml.DomainQEMUCommandlineArg{
		{Value: "-netdev"},
		{Value: fmt.Sprintf("user,id=ingot,hostfwd=tcp:127.0.0.1:%d-:22", g.sshPort)},
		{Value: "-device"},
		{Value: fmt.Sprintf("virtio-net-pci,netdev=ingot,mac=%s,bus=%s,addr=%s", g.build.mac(), bus, slot)},
	}}
	return nil
}
