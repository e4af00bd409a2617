package libvirt

import (
	"context"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"libvirt.org/go/libvirt"
)

// stepConnectLibvirt connects to libvirt and asks whether it can run the guest. Produces: connection. Cleanup closes it.
type stepConnectLibvirt struct {
	config *Config
	conn   *libvirt.Connect
}

func (s *stepConnectLibvirt) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	if s.conn == nil { // not yet connected by an attempt that -on-error=ask retries
		conn, err := connect(ctx, s.config.LibvirtURI)
		if err != nil {
			return halt(state, s.config.explainConnection(err))
		}
		s.conn = conn
	}
	if err := s.config.checkLibvirt(s.conn); err != nil {
		return halt(state, err)
	}
	stateConnection.put(state, s.conn)
	return multistep.ActionContinue
}

func (s *stepConnectLibvirt) Cleanup(multistep.StateBag) {
	if s.conn != nil {
		_, _ = s.conn.Close() // the number of references left is of no interest
	}
}
