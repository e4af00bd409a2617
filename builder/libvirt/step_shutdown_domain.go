package libvirt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"libvirt.org/go/libvirt"
)

// stepShutdownDomain shuts the guest down and makes sure that it did so itself: what a killed guest leaves
// is neither complete nor sealed.
type stepShutdownDomain struct{ config *Config }

// pressAgain is how often the power button is pressed: a guest that is still busy may miss it.
const pressAgain = 15 * time.Second

func (s *stepShutdownDomain) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	uiOf(state).Say("Shutting the guest down")
	domain := stateDomain.get(state)
	if s.config.ShutdownCommand != "" {
		if _, err := runInGuest(ctx, state, s.config.ShutdownTimeout, s.config.ShutdownCommand); err != nil {
			uiOf(state).Say(fmt.Sprintf("shutdown_command: %v", err)) // usual: the command ends its own connection
		}
	}
	if err := s.waitUntilOff(ctx, domain); err != nil {
		return halt(state, fmt.Errorf("shutdown_timeout: shutting the guest down: %w; it is killed, and nothing is exported", err))
	}
	if err := s.shutItselfDown(domain); err != nil {
		return halt(state, err)
	}
	if err := s.confirmed(ctx, stateBuild.get(state).file(consoleFile)); err != nil {
		return halt(state, err)
	}
	return multistep.ActionContinue
}

func (s *stepShutdownDomain) waitUntilOff(ctx context.Context, domain *libvirt.Domain) error {
	var pressed time.Time
	return poll(ctx, s.config.ShutdownTimeout, 200*time.Millisecond, "the guest to power off", func() (bool, error) {
		off, err := isOff(domain)
		if off || err != nil {
			return off, err
		}
		if s.config.ShutdownCommand == "" && time.Since(pressed) > pressAgain {
			pressed = time.Now()
			return false, askToShutDown(domain)
		}
		return false, nil
	})
}

// askToShutDown leaves the way to libvirt: the guest agent when it answers, else the ACPI power button.
func askToShutDown(domain *libvirt.Domain) error {
	err := domain.Shutdown()
	if errors.Is(err, libvirt.ERR_OPERATION_INVALID) { // went off between two looks
		return nil
	}
	return err
}

func (s *stepShutdownDomain) shutItselfDown(domain *libvirt.Domain) error {
	state, reason, err := domain.GetState()
	if err != nil {
		return fmt.Errorf("asking how the guest ended: %w", err)
	}
	if state == libvirt.DOMAIN_SHUTOFF && reason == int(libvirt.DOMAIN_SHUTOFF_SHUTDOWN) {
		return nil
	}
	return errors.New("the guest did not shut itself down, it crashed or was killed; nothing is exported")
}

// confirmed looks for the guest's last words. libvirt's log daemon may write them a moment after the guest is off.
func (s *stepShutdownDomain) confirmed(ctx context.Context, console string) error {
	if s.config.ShutdownConfirmation == "" {
		return nil
	}
	what := fmt.Sprintf("%q on the guest's console", s.config.ShutdownConfirmation)
	err := poll(ctx, 5*time.Second, 100*time.Millisecond, what, func() (bool, error) {
		content, err := os.ReadFile(console)
		return bytes.Contains(content, []byte(s.config.ShutdownConfirmation)), err
	})
	if err != nil {
		return fmt.Errorf("shutdown_confirmation: the guest went off without finishing its last work: %w; nothing is exported", err)
	}
	return nil
}

func (s *stepShutdownDomain) Cleanup(multistep.StateBag) {}
