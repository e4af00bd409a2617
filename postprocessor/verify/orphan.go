package verify

import (
	"context"
	"time"
)

// cancelWithPacker ends a verification when the packer that asked for it is gone: killed, it can tell its plugins nothing, and one guest
// after the other would be booted for nobody. parent is os.Getppid. It returns when ctx ends.
func cancelWithPacker(ctx context.Context, cancel context.CancelFunc, parent func() int) {
	packer := parent()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if parent() != packer {
				cancel()
				return
			}
		}
	}
}
