package libvirt

import "context"

// fetching is the downloads that run beside other steps. A nil one has nothing to do.
type fetching struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // to be read when done is closed
}

func startFetching(ctx context.Context, work func(context.Context) error) *fetching {
	ctx, cancel := context.WithCancel(ctx)
	f := &fetching{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		f.err = work(ctx)
	}()
	return f
}

func (f *fetching) underWay() bool {
	if f == nil {
		return false
	}
	select {
	case <-f.done:
		return false
	default:
		return true
	}
}

// wait returns what went wrong. Each download has its own deadline.
func (f *fetching) wait() error {
	if f == nil {
		return nil
	}
	<-f.done
	return f.err
}

// end stops what is still under way.
func (f *fetching) end() {
	if f != nil {
		f.cancel()
		<-f.done
	}
}
