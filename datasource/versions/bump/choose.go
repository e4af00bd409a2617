package bump

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// maxCandidates bounds how many releases one pin is compared with that are too young: each may cost a request.
const maxCandidates = 20

// choice is what choose found.
type choice struct {
	release   *release // nil: the pin stays
	published time.Time
	waiting   string // a newer release that is too young, and until when
}

// choose finds the newest release that the pin may move to.
func (b *bump) choose(ctx context.Context, p pin, releases []release) (choice, error) {
	var made choice
	candidates, err := b.candidates(p, releases)
	if err != nil {
		return made, err
	}
	for i := range candidates[:min(len(candidates), maxCandidates)] {
		candidate := &candidates[i]
		published, err := candidate.published(ctx)
		if err != nil {
			return made, fmt.Errorf("when %s was published: %w", candidate.version, err)
		}
		if b.now.Sub(published) >= b.coolDown {
			made.release, made.published = candidate, published
			return made, nil
		}
		if made.waiting == "" {
			made.waiting = fmt.Sprintf("%s waits until %s", candidate.version, published.Add(b.coolDown).UTC().Format("2006-01-02 15:04 UTC"))
		}
	}
	return made, nil
}

// candidates are the releases that are newer than the pin, newest first, without pre-releases unless the pin allows them. A pin with
// downgrades: allowed follows its publisher back, when that one no longer has the pinned version and nothing newer.
func (b *bump) candidates(p pin, releases []release) ([]release, error) {
	by := orderOf(p.Update.Type)
	if _, err := by.compare(p.Version, p.Version); err != nil {
		return nil, fmt.Errorf("version: %w that this type of update can compare", err)
	}
	var newer, older []release
	listed := false
	for _, r := range releases {
		than, err := by.compare(r.version, p.Version)
		listed = listed || r.version == p.Version
		switch {
		case err != nil || (r.preRelease || by.isPreRelease(r.version)) && !p.Update.Allows("pre_releases"):
		case than > 0:
			newer = append(newer, r)
		case than < 0:
			older = append(older, r)
		}
	}
	if len(newer) == 0 && !listed && p.Update.Allows("downgrades") {
		newer = older
	}
	slices.SortStableFunc(newer, func(a, c release) int {
		order, _ := by.compare(c.version, a.version) // both have been compared above
		return order
	})
	return newer, nil
}
