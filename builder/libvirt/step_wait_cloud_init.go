package libvirt

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepWaitCloudInit waits until cloud-init has finished with this boot and this seed: a marker on the disk may be from the
// image's own past. Errors end the build; what cloud-init calls recoverable is shown.
type stepWaitCloudInit struct{ config *Config }

// cloudInitCommand reads from /run, which knows nothing of earlier boots.
const cloudInitCommand = "cloud-init status --wait >/dev/null 2>&1; cat /run/cloud-init/.instance-id && echo && cat /run/cloud-init/result.json"

func (s *stepWaitCloudInit) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	uiOf(state).Say("Waiting for cloud-init to finish")
	output, err := runInGuest(ctx, state, s.config.CloudInitTimeout, cloudInitCommand)
	if err != nil {
		return halt(state, fmt.Errorf("cloud_init_timeout: waiting for cloud-init in the guest: %w", err))
	}
	id, text, _ := strings.Cut(strings.TrimSpace(output), "\n")
	if want := stateBuild.get(state).id.instanceID(); strings.TrimSpace(id) != want {
		return halt(state, fmt.Errorf("waiting for cloud-init in the guest: it ran for instance %q instead of this build's %q; does the image accept the NoCloud data source?", id, want))
	}
	result, err := parseCloudInit(text)
	if err != nil {
		return halt(state, err)
	}
	for _, warning := range result.warnings {
		uiOf(state).Error("cloud-init: " + warning)
	}
	if len(result.errors) > 0 {
		return halt(state, fmt.Errorf("cloud-init finished with errors in the guest: %s", strings.Join(result.errors, "; ")))
	}
	return multistep.ActionContinue
}

func (s *stepWaitCloudInit) Cleanup(multistep.StateBag) {}
