package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

// publishing gives layers their names beside the build, one after the other, since each stands on the one before.
type publishing struct {
	ctx       context.Context // of the whole build, not of the step that adds a layer
	store     layerStore
	say       func(string)
	last      chan struct{} // closed when the last one that was added is done
	mu        sync.Mutex
	published []layer
	err       error // of the first that failed: none is published after it
}

// add takes a data file that nobody writes to any more. Its layer lacks only size and checksum.
func (p *publishing) add(path string, l layer) {
	before, done := p.last, make(chan struct{})
	p.last = done
	go func() {
		defer close(done)
		if before != nil {
			<-before
		}
		p.publish(path, l)
	}()
}

func (p *publishing) publish(path string, l layer) {
	if p.failed() != nil {
		return
	}
	err := finishFile(path)
	if err == nil {
		l.Checksum, l.Size, err = hashFile(p.ctx, path)
	}
	if err == nil {
		err = p.store.publish(p.ctx, l)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.published = append(p.published, l)
		return
	}
	p.err = err
	if p.ctx.Err() == nil { // a build that was cancelled says so itself
		p.say(fmt.Sprintf("%v; this build keeps no layers from here on", err))
	}
}

// failed is why no more layers are published, nil as long as nothing went wrong.
func (p *publishing) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// finishFile brings a layer to the host's disk and lets nobody write to it. A user whose QEMU runs as somebody else does not own the file
// any more; nobody but the two can write to it then.
func finishFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Chmod(0o444); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return f.Sync()
}

// wait returns, when all that was added is done, the paths of the data files that are published.
func (p *publishing) wait() map[string]bool {
	if p.last != nil {
		<-p.last
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	published := map[string]bool{}
	for _, l := range p.published {
		published[p.store.path(l.File)] = true
	}
	return published
}

// tasks are the task files whose layers are published.
func (p *publishing) tasks() []string {
	p.wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	var tasks []string
	for _, l := range p.published {
		if l.Task != "" { // the source image
			tasks = append(tasks, l.Task)
		}
	}
	return tasks
}
