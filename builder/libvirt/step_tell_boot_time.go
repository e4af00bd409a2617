package libvirt

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepTellBootTime produces the provisioners' IngotBootSeconds: how long it took from the guest's start to a login over SSH.
type stepTellBootTime struct{}

func (s *stepTellBootTime) Run(_ context.Context, state multistep.StateBag) multistep.StepAction {
	generated(state)["IngotBootSeconds"] = fmt.Sprintf("%.1f", time.Since(stateStarted.get(state)).Seconds())
	return multistep.ActionContinue
}

func (s *stepTellBootTime) Cleanup(multistep.StateBag) {}
