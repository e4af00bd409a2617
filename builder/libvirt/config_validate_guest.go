package libvirt

import (
	"errors"
	"fmt"

	"libvirt.org/go/libvirtxml"
)

func (c *Config) validateMachine() error {
	return errors.Join(
		oneOf("accelerator", c.Accelerator, "auto", "kvm", "tcg"),
		oneOf("firmware", c.Firmware, "bios", "uefi", "uefi-secure"),
		matches("machine", c.Machine, namePattern, "must be a machine type such as q35"),
		matches("hostname", c.Hostname, hostnamePattern, "must be one lower-case label of at most 63 characters"),
		between("cpus", c.CPUs, 1, 512, ""),
		between("memory", c.Memory, minMemory, 16<<20, " MiB"),
		between("disk_size", c.DiskSize, 512, 64<<20, " MiB"),
		c.validateRootSize(),
		c.validateTimeouts(),
	)
}

// validateRootSize leaves a disk_size that is wrong itself to its own rule.
func (c *Config) validateRootSize() error {
	if c.RootSize >= 512 && c.RootSize <= c.DiskSize || c.RootSize == c.DiskSize {
		return nil
	}
	return fmt.Errorf("root_size: must be from 512 MiB to disk_size (%d MiB), got %d", c.DiskSize, c.RootSize)
}

func (c *Config) validateTimeouts() error {
	var errs []error
	for _, t := range c.timeouts() {
		if t.value <= 0 {
			errs = append(errs, fmt.Errorf("%s: must be longer than 0s, got %s", t.name, t.value))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) validateNetwork() error {
	errs := []error{
		oneOf("network_type", c.NetworkType, "user", "network", "bridge"),
		between("host_port_min", c.HostPortMin, 1, 65535, ""),
		between("host_port_max", c.HostPortMax, 1, 65535, ""),
	}
	if c.HostPortMin > c.HostPortMax {
		errs = append(errs, fmt.Errorf("host_port_max: must be at least host_port_min (%d), got %d", c.HostPortMin, c.HostPortMax))
	}
	if c.NetworkType == "bridge" && c.NetworkName == "" {
		errs = append(errs, errors.New(`network_name: is required with network_type = "bridge"; give the bridge's name, such as "br0"`))
	}
	if c.NetworkType == "user" && c.NetworkName != "" {
		errs = append(errs, fmt.Errorf(`network_name: has no meaning with network_type = "user", got %q`, c.NetworkName))
	}
	return errors.Join(errs...)
}

func (c *Config) validateDomainXML() error {
	if c.DomainXML == "" || c.DomainXML == placeholder {
		return nil
	}
	var domain libvirtxml.Domain
	if err := domain.Unmarshal(c.DomainXML); err != nil {
		return fmt.Errorf("domain_xml: must be one <domain> element: %w", err)
	}
	if domain.Name != "" || domain.UUID != "" || domain.Metadata != nil {
		return errors.New("domain_xml: must not have name, uuid or metadata; they are the build's, or another domain would be replaced")
	}
	return nil
}
