package bump

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
)

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
		return fmt.Errorf("a checksum or a signature is not what it must be (alarms: %d): look into it before anything is built, see the table", alarms)
	case failures > 0:
		return fmt.Errorf("%d of %d pins could not be looked at, and are as they were, see the table", failures, len(r))
	case check && updates > 0:
		return ErrOutdated
	}
	return nil
}
