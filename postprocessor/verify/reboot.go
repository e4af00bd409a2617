package verify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	orderLimit   = 30 * time.Second // for the order to reboot: the connection may end before it is answered
	attemptLimit = 15 * time.Second // for one login, in a guest that may be emulated
)

// reboot restarts the guest and waits until it lets its user in again. It returns how long that took, shutting down included.
func (g *guest) reboot(ctx context.Context, limit time.Duration, bootID string) (time.Duration, error) {
	begin := time.Now()
	if _, err := g.run(ctx, orderLimit, "ordering the reboot", "systemctl --no-block reboot"); err != nil && ctx.Err() != nil {
		return 0, err // else waiting tells whether the order arrived
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("boot_timeout: waited %s for the guest to reboot and let %s in at %s, in vain",
		limit, g.config.User, g.address))
	defer cancel()
	last := errors.New("it was not tried")
	for {
		now, err := g.run(ctx, attemptLimit, "asking for the boot_id", "echo boot-id $(cat /proc/sys/kernel/random/boot_id)")
		if err == nil && parseIdentity(now).one("boot-id") != bootID {
			return time.Since(begin), nil
		}
		if err == nil {
			err = errors.New("it has not gone down")
		}
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
				return 0, fmt.Errorf("%w; the last attempt: %w", cause, last)
			}
			return 0, fmt.Errorf("cancelled while waiting for the guest to reboot: %w", ctx.Err())
		case <-time.After(250 * time.Millisecond):
			last = err
		}
	}
}
