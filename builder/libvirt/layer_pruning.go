package libvirt

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// pruning is one prune.
type pruning struct {
	store  layerStore
	limits cacheLimits
	say    func(string)
	layers map[string]layer // those that stay, by digest
	uses   uses
	gone   map[string]bool // data files that are mentioned already
}

// run takes names away; the data files go when the folder's lock is free again.
func (p *pruning) run() error {
	layers, broken, err := p.store.all()
	if err != nil {
		return err
	}
	p.layers, p.uses = layers, p.store.uses()
	maps.Copy(broken, p.store.unsound(layers))
	errs := []error{p.removePartial()}
	for digest, problem := range broken {
		errs = append(errs, p.remove(digest, fmt.Sprintf("broken layer %s: %v", short(digest), problem)))
	}
	for {
		l, found := p.next()
		if !found {
			return errors.Join(errs...)
		}
		errs = append(errs, p.remove(l.Digest, fmt.Sprintf("%s: %s, last used %s ago", l, mebibytes(l.Size), ageOf(l.LastUsed))))
	}
}

// next is the least recently used of those that are beyond a limit, and that nobody needs.
func (p *pruning) next() (layer, bool) {
	var total int64
	parents := map[string]bool{}
	for _, l := range p.layers {
		total += l.Size
		if !l.isImage() {
			parents[l.Parent] = true
		}
	}
	for _, l := range slices.SortedFunc(maps.Values(p.layers), byLastUse) {
		tooOld := p.limits.age > 0 && time.Since(l.LastUsed) > p.limits.age
		tooMuch := p.limits.size > 0 && total > p.limits.size
		if (p.limits.all || tooOld || tooMuch) && !parents[l.Digest] && !p.uses.of(l) {
			return l, true
		}
	}
	return layer{}, false
}

func byLastUse(a, b layer) int {
	return cmp.Or(a.LastUsed.Compare(b.LastUsed), a.Created.Compare(b.Created), cmp.Compare(a.Digest, b.Digest))
}

func (p *pruning) remove(digest, what string) error {
	p.gone[p.layers[digest].File] = true
	delete(p.layers, digest)
	if !p.limits.dry {
		if err := os.Remove(p.store.jsonPath(digest)); err != nil {
			return err
		}
	}
	p.tell(what)
	return nil
}

// removePartial removes descriptions that were not completed: their writer held the folder's lock, which is ours now.
func (p *pruning) removePartial() error {
	partial, _ := filepath.Glob(p.store.path("*.json.partial")) // the pattern is right
	if p.limits.dry {
		return nil
	}
	return removeFiles("", partial...)
}

func (p *pruning) tell(what string) {
	if p.limits.dry {
		p.say("would remove " + what)
		return
	}
	p.say("removed " + what)
}
