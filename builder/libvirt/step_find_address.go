package libvirt

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"libvirt.org/go/libvirt"
)

// stepFindAddress learns where the guest answers. Produces: address. With user-mode networking that is 127.0.0.1.
type stepFindAddress struct{ config *Config }

// addressSources are asked in turn, again and again: leases are missing on bridges, the agent in many cloud images.
var addressSources = []libvirt.DomainInterfaceAddressesSource{
	libvirt.DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE,
	libvirt.DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
	libvirt.DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
}

func (s *stepFindAddress) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	if s.config.NetworkType == "user" {
		stateAddress.put(state, "127.0.0.1")
		return multistep.ActionContinue
	}
	mac := stateBuild.get(state).id.mac()
	what := fmt.Sprintf("an address of the guest's network card %s on %s %q, by DHCP lease, guest agent or ARP", mac, s.config.NetworkType, s.config.NetworkName)
	err := poll(ctx, s.config.Comm.SSHTimeout, time.Second, what, func() (bool, error) {
		address := findAddress(stateDomain.get(state), mac)
		stateAddress.put(state, address)
		return address != "", nil
	})
	if err != nil {
		return halt(state, err)
	}
	uiOf(state).Say("The guest's address is " + stateAddress.get(state))
	return multistep.ActionContinue
}

// findAddress ignores errors: a source that has no answer yet, or never will, is no reason to stop asking the others.
func findAddress(domain *libvirt.Domain, mac string) string {
	for _, source := range addressSources {
		interfaces, err := domain.ListAllInterfaceAddresses(source)
		if err != nil {
			continue
		}
		for _, card := range interfaces {
			if address := firstIPv4(card.Addrs); strings.EqualFold(card.Hwaddr, mac) && address != "" {
				return address
			}
		}
	}
	return ""
}

func firstIPv4(addresses []libvirt.DomainIPAddress) string {
	for _, address := range addresses {
		if address.Type == libvirt.IP_ADDR_TYPE_IPV4 {
			return address.Addr
		}
	}
	return ""
}

func (s *stepFindAddress) Cleanup(multistep.StateBag) {}
