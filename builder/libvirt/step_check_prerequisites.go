package libvirt

import (
	"context"
	"errors"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"libvirt.org/go/libvirt"
)

// stepCheckPrerequisites finds all that this machine lacks before anything is started, and reports it at once. libvirt is asked only where
// the build fails already: one that restores its image needs none, and others connect to it next.
type stepCheckPrerequisites struct{ config *Config }

func (s *stepCheckPrerequisites) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	err := errors.Join(s.config.checkCommands(), s.config.checkOutputDirectory(), s.config.checkCacheDirectory())
	if err != nil {
		return halt(state, errors.Join(err, s.libvirt(ctx)))
	}
	return multistep.ActionContinue
}

func (s *stepCheckPrerequisites) libvirt(ctx context.Context) error {
	conn, err := connect(ctx, s.config.LibvirtURI)
	if err != nil {
		return s.config.explainConnection(err)
	}
	defer conn.Close()
	return s.config.checkLibvirt(conn)
}

// checkLibvirt asks whether libvirt can run the guest.
func (c *Config) checkLibvirt(conn *libvirt.Connect) error {
	return errors.Join(c.checkHypervisor(conn), c.checkNetwork(conn))
}

func (s *stepCheckPrerequisites) Cleanup(multistep.StateBag) {}
