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
	// From the start, since a progress bar writes many times in a second: its next line to a packer that is gone must not end this
	// process, which has a guest to remove. Unlike an ignored signal, a caught one stays the default for the programs that are run.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	parent := os.Getppid()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if os.Getppid() != parent {
				cancel()
				return
			}
		}
	}
}
