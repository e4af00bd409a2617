package libvirt

import (
	"context"
	"errors"
	"fmt"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"libvirt.org/go/libvirt"
)

// checkpoints are taken of one running guest, one after the other.
type checkpoints struct {
	layers       *buildLayers
	domain       *libvirt.Domain
	communicator packersdk.Communicator
	diskSize     int // MiB
	over         error
}

// take makes a layer of the guest's disk as it is after a task file: its file systems stand still while the guest is moved to a new
// overlay. After an error there is no layer for the others to stand on.
func (k *checkpoints) take(ctx context.Context, task string) error {
	if k.over == nil {
		k.over = k.try(ctx, task)
	}
	return k.over
}

func (k *checkpoints) try(ctx context.Context, task string) error {
	if err := k.layers.publishing.failed(); err != nil {
		return err
	}
	if want := k.layers.task(); task != want || k.layers.isLast() {
		return fmt.Errorf("%q is not the task file that is kept next, which is %q", task, want)
	}
	overlay, err := k.layers.nextDisk(ctx, k.diskSize)
	if err != nil {
		return err
	}
	frozen, err := freeze(ctx, k.communicator, freezeCommand())
	if err != nil {
		return err
	}
	err = k.moveTo(ctx, overlay)
	if err := errors.Join(err, frozen.thaw(ctx)); err != nil {
		return err // the guest's file may have changed after the snapshot, or libvirt does not know which it is
	}
	k.layers.keep(overlay)
	return nil
}

// moveTo gives libvirt a deadline.
func (k *checkpoints) moveTo(ctx context.Context, overlay string) error {
	moved := make(chan error, 1)
	go func() { moved <- continueIn(k.domain, overlay) }()
	select {
	case err := <-moved:
		return err
	case <-ctx.Done():
		return fmt.Errorf("taking a snapshot of the guest's disk: %w", context.Cause(ctx))
	}
}
