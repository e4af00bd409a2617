package libvirt

import (
	"context"
	"fmt"
	"time"

	"libvirt.org/go/libvirt"
)

const connectDeadline = 15 * time.Second

type connectResult struct {
	conn *libvirt.Connect
	err  error
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
