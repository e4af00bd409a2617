package libvirt

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// TestChoiceOfTheAccelerator waits for what runs beside, and says what came of it.
func TestChoiceOfTheAccelerator(t *testing.T) {
	slow := func(err error) *background {
		return startInBackground(t.Context(), func(context.Context) error { time.Sleep(50 * time.Millisecond); return err })
	}
	for _, test := range []struct {
		accelerator string
		probing     *background
		want        string
		action      multistep.StepAction
	}{
		{"auto", slow(nil), "Accelerator kvm: a guest booted under it\n", multistep.ActionContinue},
		{"auto", slow(errors.New("it crawls")), "Accelerator tcg (emulation, about ten times slower): it crawls\n", multistep.ActionContinue},
		{"kvm", slow(nil), "Accelerator kvm: accelerator = \"kvm\"\n", multistep.ActionContinue},
		{"kvm", slow(errors.New("it crawls")), `accelerator: "kvm" does not work on this machine: it crawls; use "auto" or "tcg"`, multistep.ActionHalt},
		{"tcg", nil, "Accelerator tcg (emulation, about ten times slower): accelerator = \"tcg\"\n", multistep.ActionContinue},
	} {
		state, output := testState(t)
		stateConnection.put(state, testConnection(t))
		stateProbing.put(state, test.probing)
		action := (&stepChooseAccelerator{config: &Config{Accelerator: test.accelerator}}).Run(t.Context(), state)
		if action != test.action || !strings.Contains(output.String(), test.want) {
			t.Errorf("%s: %v: %q, want %q", test.accelerator, action, output, test.want)
		}
	}
}
