package libvirt

import (
	"fmt"

	"libvirt.org/go/libvirtxml"
)

// accelerator is how the guest's code is run, and why so.
type accelerator struct {
	kvm         bool
	reason      string
	qemuVersion uint32 // as libvirt gives it: 7002022 is 7.2.22
}

// qemuWithWorkingCX16 is the first release known to emulate cmpxchg16b well enough for Linux 6.12: under
// QEMU 7.2 that kernel panics in __kmalloc.
const qemuWithWorkingCX16 = 10_000_000

func (a accelerator) domainType() string {
	if a.kvm {
		return "kvm"
	}
	return "qemu"
}

func (a accelerator) String() string {
	if a.kvm {
		return "kvm: " + a.reason
	}
	return "tcg (emulation, about ten times slower): " + a.reason
}

// cpu is the best processor that the accelerator can give.
func (a accelerator) cpu() *libvirtxml.DomainCPU {
	if a.kvm {
		return &libvirtxml.DomainCPU{Mode: "host-passthrough", Check: "none"}
	}
	cpu := &libvirtxml.DomainCPU{Mode: "maximum", Check: "none"}
	if guestArchitecture().name == "x86_64" && a.qemuVersion < qemuWithWorkingCX16 {
		cpu.Features = []libvirtxml.DomainCPUFeature{{Policy: "disable", Name: "cx16"}}
	}
	return cpu
}

// version is QEMU's, as people write it.
func (a accelerator) version() string {
	return fmt.Sprintf("%d.%d.%d", a.qemuVersion/1_000_000, a.qemuVersion/1000%1000, a.qemuVersion%1000)
}
