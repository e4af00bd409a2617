package libvirt

import (
	"errors"

	"github.com/gofrs/flock"
)

// layerChain is the source image's layer and those that stand on it, in order. As long as it is open, nobody removes their data files.
type layerChain struct {
	store  layerStore
	layers []layer
	locks  []*flock.Flock
}

// cut lets go of the layers from that place on.
func (c *layerChain) cut(from int) error {
	var errs []error
	for _, lock := range c.locks[from:] {
		errs = append(errs, lock.Close())
	}
	c.layers, c.locks = c.layers[:from], c.locks[:from]
	return errors.Join(errs...)
}

// Close lets go of all layers.
func (c *layerChain) Close() error { return c.cut(0) }

// depth is the number of layers, the source image's among them.
func (c *layerChain) depth() int { return len(c.layers) }

// tasks are the task files that the guest's disk has already, in order.
func (c *layerChain) tasks() []string {
	tasks := []string{}
	for _, l := range c.layers[1:] {
		tasks = append(tasks, l.Task)
	}
	return tasks
}

// top is the absolute path of the data file that a guest's disk stands on, and its format.
func (c *layerChain) top() (path, format string) {
	last := c.layers[len(c.layers)-1]
	return c.store.path(last.File), last.Format
}
