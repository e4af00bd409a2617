package libvirt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// cacheLimits is what a prune leaves. Zero values limit nothing.
type cacheLimits struct {
	size int64         // bytes of all data files that have a name
	age  time.Duration // since the last use
	all  bool          // leave only what builds use
	dry  bool          // say what would go, and remove nothing
}

func (c *Config) cacheLimits() cacheLimits {
	return cacheLimits{size: int64(c.CacheSize) << 20, age: c.CacheAge}
}

// prune removes layers and images beyond the limits, those first that have not been used for the longest time; never one that a build or a
// layer needs. It also removes what no build can use: broken ones, and the data files of builds that are gone. One line each through say.
func (s layerStore) prune(ctx context.Context, limits cacheLimits, say func(string)) error {
	if !exists(s.directory) {
		return nil
	}
	p := &pruning{store: s, limits: limits, say: say, gone: map[string]bool{}}
	if err := s.locked(ctx, p.run); err != nil {
		return fmt.Errorf("removing layers: %w", err)
	}
	return p.removeData()
}

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
	p.tell(what)
	if p.limits.dry {
		return nil
	}
	return os.Remove(p.store.jsonPath(digest))
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

func mebibytes(size int64) string { return fmt.Sprintf("%d MiB", size>>20) }

// ageOf is how long ago something was, in its largest unit.
func ageOf(then time.Time) string {
	switch age := time.Since(then); {
	case age < time.Hour:
		return fmt.Sprintf("%dm", int(age.Minutes()))
	case age < 48*time.Hour:
		return fmt.Sprintf("%dh", int(age.Hours()))
	default:
		return fmt.Sprintf("%dd", int(age.Hours()/24))
	}
}
