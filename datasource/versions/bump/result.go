package bump

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
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

// results are those of all pins.
type results []result

func (r results) updates() []result {
	return slices.DeleteFunc(slices.Clone(r), func(r result) bool { return r.version == "" })
}

// table is for people at a terminal.
func (r results) table() string {
	writer := table.NewWriter()
	writer.SetStyle(table.StyleLight)
	writer.AppendHeader(table.Row{"pin", "version", "result", "checksum from", "release notes"})
	for _, one := range r {
		versions := one.Version
		if one.version != "" {
			versions += " → " + one.version
		}
		writer.AppendRow(table.Row{one.pin, versions, one.state(), one.sources(), one.notes})
	}
	return writer.Render()
}

// count is how many have no update, an update, a failure, and an alarm.
func (r results) count() (current, updates, failures, alarms int) {
	for _, one := range r {
		var found alarm
		switch {
		case errors.As(one.err, &found):
			alarms++
		case one.err != nil:
			failures++
		case one.version != "":
			updates++
		default:
			current++
		}
	}
	return current, updates, failures, alarms
}

func (r results) sum() string {
	current, updates, failures, alarms := r.count()
	return fmt.Sprintf("pins: %d, current: %d, updates: %d, failed: %d, alarms: %d", len(r), current, updates, failures, alarms)
}

// err is what the command ends with: alarms and failures, or with -check that something is outdated.
func (r results) err(check bool) error {
	_, updates, failures, alarms := r.count()
	switch {
	case alarms > 0:
		return fmt.Errorf("%d alarms: a checksum is not what it must be; look into it before anything is built, see the table", alarms)
	case failures > 0:
		return fmt.Errorf("%d of %d pins could not be looked at, and are as they were, see the table", failures, len(r))
	case check && updates > 0:
		return ErrOutdated
	}
	return nil
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
