package libvirt

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	packernet "github.com/hashicorp/packer-plugin-sdk/net"
	"libvirt.org/go/libvirt"
)

// stepDefineDomain reserves a port for SSH and defines the guest. Produces: domain, ssh_port. Cleanup removes the domain.
type stepDefineDomain struct {
	config *Config
	domain *libvirt.Domain
	port   *packernet.Listener
}

func (s *stepDefineDomain) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	if err := s.reservePort(ctx, state); err != nil {
		return halt(state, err)
	}
	build := stateBuild.get(state)
	machine := guest{
		config: s.config, build: build.id, accelerator: stateAccelerator.get(state), sshPort: stateSSHPort.get(state),
		disk: stateDisk.get(state), seed: build.file(seedFile), console: build.file(consoleFile),
	}
	if len(stateArtifacts.get(state)) > 0 {
		machine.artifacts = build.file(artifactsFile)
	}
	definition, err := machine.domain()
	if err != nil {
		return halt(state, err)
	}
	text, err := definition.Marshal()
	if err != nil {
		return halt(state, fmt.Errorf("writing the XML of domain %q: %w", definition.Name, err))
	}
	s.domain, err = stateConnection.get(state).DomainDefineXML(text)
	if err != nil {
		return halt(state, fmt.Errorf("defining domain %q: %w", definition.Name, err))
	}
	stateDomain.put(state, s.domain)
	return multistep.ActionContinue
}

// reservePort finds a free port of 127.0.0.1 and keeps other Packer builds off it; QEMU binds it.
func (s *stepDefineDomain) reservePort(ctx context.Context, state multistep.StateBag) error {
	if s.config.NetworkType != "user" || s.port != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, portDeadline)
	defer cancel()
	port, err := packernet.ListenRangeConfig{
		Network: "tcp", Addr: "127.0.0.1", Min: s.config.HostPortMin, Max: s.config.HostPortMax + 1, // the SDK's end is exclusive
	}.Listen(ctx)
	if err != nil {
		return fmt.Errorf("host_port_min, host_port_max: no port of 127.0.0.1 from %d to %d was free within %s; choose others: %w",
			s.config.HostPortMin, s.config.HostPortMax, portDeadline, err)
	}
	s.port = port
	stateSSHPort.put(state, port.Port)
	return port.Listener.Close()
}

// portDeadline is for the SDK, which tries random ports of the range without end.
const portDeadline = 10 * time.Second

func (s *stepDefineDomain) Cleanup(state multistep.StateBag) {
	if s.port != nil {
		_ = s.port.Close() // the listener is closed already; this gives the number back
	}
	if s.domain == nil {
		return
	}
	defer s.domain.Free()
	if err := removeDomain(s.domain); err != nil {
		uiOf(state).Error(fmt.Sprintf("Removing the build's domain: %v (run: %s)", err, s.config.gcCommand()))
	}
}
