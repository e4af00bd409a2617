package bump

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// result is what came of one pin.
type result struct {
	pin
	version   string // what it moves to; empty when it stays
	published time.Time
	notes     string // a page, or empty
	files     map[string]file
	waiting   string // a newer release that is too young
	note      string // why the pinned version was not compared
	err       error  // why nothing is known, or an alarm
}

// String is how the update is named in titles.
func (r result) String() string { return fmt.Sprintf("%s from %s to %s", r.name, r.Version, r.version) }

// sources are where the checksums were read, one word for all architectures where they agree.
func (r result) sources() string {
	from := map[string]bool{}
	for _, f := range r.files {
		from[f.from] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(from)), "; ")
}

// state is one word, and what goes with it.
func (r result) state() string {
	var found alarm
	text := "current"
	switch {
	case errors.As(r.err, &found):
		return "ALARM: " + plain(r.err.Error())
	case r.err != nil:
		return "failed: " + plain(r.err.Error())
	case r.version != "":
		text = "update, published " + r.published.UTC().Format(time.DateOnly)
	case r.waiting != "":
		text = "waiting"
	}
	for _, more := range []string{r.waiting, r.note} {
		if more != "" {
			text += "; " + plain(more)
		}
	}
	return text
}

// plain keeps what publishers wrote from being more than text to a terminal or to Markdown.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r > '~', strings.ContainsRune("`|<>@#*[]", r):
			return '?'
		}
		return r
	}, text)
}
