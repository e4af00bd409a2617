package libvirt

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"libvirt.org/go/libvirt"
)

const connectDeadline = 15 * time.Second

// stepConnect opens the connection to libvirt. Produces: connection. Cleanup closes it.
//
// It does not halt: a libvirt that does not answer is reported by the next step, with all else that is missing.
type stepConnect struct {
	uri  string
	conn *libvirt.Connect
}

type connectResult struct {
	conn *libvirt.Connect
	err  error
}

func (s *stepConnect) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	conn, err := connect(ctx, s.uri)
	if err != nil {
		state.Put("connection_error", err)
		return multistep.ActionContinue
	}
	s.conn = conn
	stateConnection.put(state, conn)
	return multistep.ActionContinue
}

// connect gives libvirt a deadline: a hung daemon accepts and never answers.
func connect(ctx context.Context, uri string) (*libvirt.Connect, error) {
	result := make(chan connectResult, 1)
	go func() {
		conn, err := libvirt.NewConnect(uri)
		result <- connectResult{conn, err}
	}()
	select {
	case r := <-result:
		return r.conn, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-time.After(connectDeadline):
		return nil, fmt.Errorf("no answer within %s", connectDeadline)
	}
}

func (s *stepConnect) Cleanup(multistep.StateBag) {
	if s.conn != nil {
		_, _ = s.conn.Close() // the number of references left is of no interest
	}
}
