package libvirt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"libvirt.org/go/libvirt"
)

// poll asks done at once and then at every interval, until it is true, it fails, the deadline passes or ctx ends.
// Its error says what it was waiting for.
func poll(ctx context.Context, deadline, interval time.Duration, what string, done func() (bool, error)) error {
	late := fmt.Errorf("waited %s for %s in vain", deadline, what)
	ctx, cancel := context.WithTimeoutCause(ctx, deadline, late)
	defer cancel()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
				return cause
			}
			return fmt.Errorf("cancelled while waiting for %s", what)
		case <-ticker.C:
		}
	}
}

// isOff reports whether the domain no longer runs; a transient one that is gone counts as off.
func isOff(domain *libvirt.Domain) (bool, error) {
	state, _, err := domain.GetState()
	if errors.Is(err, libvirt.ERR_NO_DOMAIN) {
		return true, nil
	}
	return state == libvirt.DOMAIN_SHUTOFF || state == libvirt.DOMAIN_CRASHED, err
}
