package libvirt

import (
	"fmt"
	"slices"
	"strings"
)

// start says where the build begins.
func (l *buildLayers) start() string {
	if !l.isCached() {
		return "none is cached, starting with the source image"
	}
	done, all := len(l.cached), l.last()
	if done == 0 {
		return fmt.Sprintf("0 of %d task files are cached, starting with the source image", all)
	}
	return fmt.Sprintf("%d of %d task files are cached, starting after %s", done, all, l.cached[done-1])
}

// outlook says what the next build can leave out; it is empty where that is nothing.
func (l *buildLayers) outlook() string {
	if l == nil {
		return ""
	}
	tasks := append(slices.Clone(l.cached), l.publishing.tasks()...)
	switch names := strings.Join(tasks, ", "); {
	case l.imageKept && names != "":
		return "The next build, unchanged, boots nothing and restores this image; after a change it skips what is unchanged of: " + names
	case l.imageKept:
		return "The next build, unchanged, boots nothing and restores this image"
	case names != "":
		return "The next build skips what is unchanged of: " + names
	}
	return ""
}
