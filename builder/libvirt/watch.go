package libvirt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"libvirt.org/go/libvirt"
)

// watched ends a step that waits for the guest as soon as the guest can no longer answer: it is off, has crashed,
// or was paused because the host's disk is full.
type watched struct {
	multistep.Step
	config *Config
}

func (w watched) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	defer func() { // the domain is freed only after the last look at it
		cancel(nil)
		<-done
	}()
	go func() {
		defer close(done)
		if err := w.lost(ctx, stateDomain.get(state)); err != nil {
			cancel(err)
		}
	}()
	action := w.Step.Run(ctx, state)
	var gone *guestGone
	if action == multistep.ActionHalt && errors.As(context.Cause(ctx), &gone) {
		return halt(state, gone)
	}
	return action
}

// guestGone says why the guest will not answer any more.
type guestGone struct{ why string }

func (g *guestGone) Error() string { return g.why }

// lost looks at the domain every second until it stops running or ctx ends.
func (w watched) lost(ctx context.Context, domain *libvirt.Domain) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if why := w.config.whyGone(domain); why != "" {
				return &guestGone{why}
			}
		}
	}
}

// whyGone returns the empty string as long as the guest runs.
func (c *Config) whyGone(domain *libvirt.Domain) string {
	state, reason, err := domain.GetState()
	switch {
	case err != nil:
		return fmt.Sprintf("the connection to libvirt or the domain is gone: %v", err)
	case state == libvirt.DOMAIN_PAUSED && reason == int(libvirt.DOMAIN_PAUSED_IOERROR):
		return fmt.Sprintf("the guest was paused because its disk cannot grow: no space is left in cache_directory (%s); make room and build again", c.CacheDirectory)
	case state == libvirt.DOMAIN_SHUTOFF, state == libvirt.DOMAIN_CRASHED:
		return "the guest powered off or crashed before the build was done with it; its console says why"
	}
	return ""
}
