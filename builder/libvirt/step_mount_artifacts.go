package libvirt

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepMountArtifacts mounts the disk with the artifacts in the guest. Nothing is left of it there: /run is in memory.
type stepMountArtifacts struct{}

// mountDeadline is for a guest that is emulated, and busy with its first boot.
const mountDeadline = time.Minute

// mountCommand does nothing the second time, when -on-error=ask retries.
var mountCommand = strings.NewReplacer("FOLDER", artifactsFolder, "DISK", "/dev/disk/by-id/virtio-"+artifactsSerial).Replace(
	"sudo sh -c 'mountpoint -q FOLDER || { mkdir -p FOLDER && mount -t iso9660 -o ro,nosuid,nodev DISK FOLDER; }'")

func (s *stepMountArtifacts) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	if _, err := runInGuest(ctx, state, mountDeadline, mountCommand); err != nil {
		return halt(state, fmt.Errorf("artifacts: mounting their disk in the guest: %w", err))
	}
	return multistep.ActionContinue
}

func (s *stepMountArtifacts) Cleanup(multistep.StateBag) {}
