package libvirt

import (
	"regexp"
	"testing"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

func TestBootTime(t *testing.T) {
	state, _ := testState(t)
	c, err := testConfig(t, nil)
	must(t, err)
	stateBuild.put(state, newBuild(t, t.TempDir()))
	stateDomain.put(state, define(t, testConnection(t), "vm", nil, false))
	for _, step := range []multistep.Step{&stepStartDomain{config: c}, &stepTellBootTime{}} {
		if step.Run(t.Context(), state) == multistep.ActionHalt {
			t.Fatal(errorOf(state))
		}
	}
	if got, _ := generated(state)["IngotBootSeconds"].(string); !regexp.MustCompile(`^[0-9]\.[0-9]$`).MatchString(got) {
		t.Errorf("IngotBootSeconds: %q", got)
	}
}
