package libvirt

import "context"

// background is work that goes on beside other steps. A nil one has nothing to do.
type background struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // to be read when done is closed
}

func startInBackground(ctx context.Context, work func(context.Context) error) *background {
	ctx, cancel := context.WithCancel(ctx)
	b := &background{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		b.err = work(ctx)
	}()
	return b
}

func (b *background) underWay() bool {
	if b == nil {
		return false
	}
	select {
	case <-b.done:
		return false
	default:
		return true
	}
}

// wait returns what went wrong. The work has a deadline of its own.
func (b *background) wait() error {
	if b == nil {
		return nil
	}
	<-b.done
	return b.err
}

// end stops what is still under way.
func (b *background) end() {
	if b != nil {
		b.cancel()
		<-b.done
	}
}
