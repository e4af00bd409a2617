package libvirt

import (
	"errors"
	"fmt"
	"slices"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"
)

// checkHypervisor asks libvirt whether it can run the guest that the template describes.
func (c *Config) checkHypervisor(conn *libvirt.Connect) error {
	text, err := conn.GetDomainCapabilities("", guestArchitecture().name, c.Machine, "qemu", 0)
	if err != nil {
		return fmt.Errorf("machine: libvirt cannot run a %s guest of type %q: %w; if QEMU is missing, run: apt-get install qemu-system-x86 (or qemu-system-arm)",
			guestArchitecture().name, c.Machine, err)
	}
	var caps libvirtxml.DomainCaps
	if err := caps.Unmarshal(text); err != nil {
		return fmt.Errorf("machine: reading what libvirt can do: %w", err)
	}
	return errors.Join(c.checkFirmware(&caps), c.checkTPM(&caps))
}

func (c *Config) checkFirmware(caps *libvirtxml.DomainCaps) error {
	if c.Firmware == "bios" || caps.OS == nil || hasValue(caps.OS.Enums, "firmware", "efi") {
		return nil
	}
	return fmt.Errorf("firmware: libvirt finds no UEFI firmware for %s on this machine, got %q; run: apt-get install ovmf (or qemu-efi-aarch64)", c.Machine, c.Firmware)
}

func (c *Config) checkTPM(caps *libvirtxml.DomainCaps) error {
	if !c.TPM || caps.Devices != nil && caps.Devices.TPM != nil && hasValue(caps.Devices.TPM.Enums, "backendModel", "emulator") {
		return nil
	}
	return errors.New("tpm: libvirt finds no TPM emulator on this machine; run: apt-get install swtpm swtpm-tools")
}

func hasValue(enums []libvirtxml.DomainCapsEnum, name, value string) bool {
	return slices.ContainsFunc(enums, func(e libvirtxml.DomainCapsEnum) bool {
		return e.Name == name && slices.Contains(e.Values, value)
	})
}

// checkNetwork finds a missing or sleeping network before the guest waits for an address in vain.
func (c *Config) checkNetwork(conn *libvirt.Connect) error {
	switch c.NetworkType {
	case "bridge":
		if !exists("/sys/class/net/" + c.NetworkName + "/bridge") {
			return fmt.Errorf("network_name: this machine has no bridge %q; run: ip link add %s type bridge", c.NetworkName, c.NetworkName)
		}
	case "network":
		return c.checkLibvirtNetwork(conn)
	}
	return nil
}

func (c *Config) checkLibvirtNetwork(conn *libvirt.Connect) error {
	network, err := conn.LookupNetworkByName(c.NetworkName)
	if err != nil {
		return fmt.Errorf("network_name: looking for the libvirt network %q: %w; virsh net-list --all shows those that exist", c.NetworkName, err)
	}
	defer network.Free()
	active, err := network.IsActive()
	if err != nil {
		return fmt.Errorf("network_name: asking whether the libvirt network %q is active: %w", c.NetworkName, err)
	}
	if !active {
		return fmt.Errorf("network_name: the libvirt network %q is not active; run: virsh net-start %s", c.NetworkName, c.NetworkName)
	}
	return nil
}
