package libvirt

import (
	"context"
	"reflect"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// timings adds up where the time of a build went, in the order in which phases first began.
type timings struct {
	started time.Time
	Phases  []phaseTime
}

// phaseTime is one line of the table and of manifest.json.
type phaseTime struct {
	Name    string  `json:"phase"`
	Seconds float64 `json:"seconds"`
}

func (t *timings) add(name string, took time.Duration) {
	for i := range t.Phases {
		if t.Phases[i].Name == name {
			t.Phases[i].Seconds += took.Seconds()
			return
		}
	}
	t.Phases = append(t.Phases, phaseTime{Name: name, Seconds: took.Seconds()})
}

// move counts a part of a phase as another one.
func (t *timings) move(from, to string, took time.Duration) {
	if took > 0 {
		t.add(from, -took)
		t.add(to, took)
	}
}

// phase counts the time of a step. Steps of the same name are added up.
type phase struct {
	multistep.Step
	name    string
	timings *timings
}

// Run forgets the error of an attempt that -on-error=ask retries. A step of a build whose image was restored has nothing to do.
func (p phase) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	if stateRestored.get(state) {
		return multistep.ActionContinue
	}
	state.Remove("error")
	begin := time.Now()
	defer func() { p.timings.add(p.name, time.Since(begin)) }()
	return p.Step.Run(ctx, state)
}

// InnerStepName lets `packer build -debug` name the step.
func (p phase) InnerStepName() string {
	inner := p.Step
	if w, ok := inner.(watched); ok {
		inner = w.Step
	}
	return reflect.Indirect(reflect.ValueOf(inner)).Type().Name()
}
