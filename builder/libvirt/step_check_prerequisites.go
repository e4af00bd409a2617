package libvirt

import (
	"context"
	"errors"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"libvirt.org/go/libvirt"
)

// stepCheckPrerequisites connects to libvirt and finds all that this machine lacks before anything is started; it reports
// it at once. Produces: connection. Cleanup closes it.
type stepCheckPrerequisites struct {
	config *Config
	conn   *libvirt.Connect
}

func (s *stepCheckPrerequisites) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	errs := []error{
		s.config.checkCommands(),
		s.config.checkOutputDirectory(),
		s.config.checkCacheDirectory(),
		s.checkLibvirt(ctx),
	}
	if err := errors.Join(errs...); err != nil {
		return halt(state, err)
	}
	stateConnection.put(state, s.conn)
	return multistep.ActionContinue
}

// checkLibvirt connects where an attempt before -on-error=ask retried did not.
func (s *stepCheckPrerequisites) checkLibvirt(ctx context.Context) error {
	if s.conn == nil {
		conn, err := connect(ctx, s.config.LibvirtURI)
		if err != nil {
			return s.config.explainConnection(err)
		}
		s.conn = conn
	}
	return errors.Join(s.config.checkHypervisor(s.conn), s.config.checkNetwork(s.conn))
}

func (s *stepCheckPrerequisites) Cleanup(multistep.StateBag) {
	if s.conn != nil {
		_, _ = s.conn.Close() // the number of references left is of no interest
	}
}
