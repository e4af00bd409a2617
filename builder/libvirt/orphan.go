package libvirt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// cancelWithPacker ends the build when the packer that asked for it is gone: killed, it can tell its plugins nothing, and
// the build would go on for nobody. It returns when ctx ends.
func cancelWithPacker(ctx context.Context, cancel context.CancelFunc) {
	parent := os.Getppid()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if os.Getppid() != parent {
				signal.Ignore(syscall.SIGPIPE) // nobody reads our log any more, and there is still a guest to remove
				cancel()
				return
			}
		}
	}
}
