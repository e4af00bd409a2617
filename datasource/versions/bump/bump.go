// Package bump is `packer-plugin-ingot bump`: it looks for newer releases of what versions.yaml pins, and rewrites version, URLs and
// checksums together.
//
// A [source] knows one way in which publishers list releases. What it says is examined pin by pin, so that a publisher who does not
// answer, or answers nonsense, leaves its own pin as it was and no other.
package bump

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/google/go-github/v80/github"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// ErrOutdated is what the command ends with when -check finds something outdated, and nothing worse.
var ErrOutdated = errors.New("something is outdated, see the table")

// bump is one run of the command.
type bump struct {
	options
	now      time.Time
	web      *web
	github   *github.Client
	progress *log.Logger
}

// Command is `packer-plugin-ingot bump`. It prints a table of all pins to out, rewrites the file or opens pull requests, and ends with an
// error when there is an alarm, when a publisher could not be asked, or, with -check, with [ErrOutdated].
func Command(ctx context.Context, args []string, out, progress io.Writer) error {
	o, err := parse(args, os.Getenv, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	return newBump(o, time.Now(), progress).run(ctx, out)
}

func newBump(o options, now time.Time, progress io.Writer) *bump {
	logger := log.New(progress, "", 0)
	w := newWeb(o, logger)
	return &bump{options: o, now: now, web: w, github: newGitHub(o, w), progress: logger}
}

// run examines the pins one after the other: there are few, and their publishers are to be treated kindly.
func (b *bump) run(ctx context.Context, out io.Writer) error {
	text, err := os.ReadFile(b.file)
	if err != nil {
		return fmt.Errorf("reading file %s: %w", b.file, err)
	}
	pins, err := versions.Parse(b.file, text)
	if err != nil {
		return err
	}
	selected, err := b.selectPins(pins)
	if err != nil {
		return err
	}
	var results results
	for _, p := range selected {
		b.progress.Printf("%s: asking its publisher", p)
		results = append(results, b.examine(ctx, p))
	}
	fmt.Fprintf(out, "%s\n%s\n", results.table(), results.sum())
	if ctx.Err() != nil {
		return fmt.Errorf("stopped before the end, and nothing is changed: %w", context.Cause(ctx))
	}
	return errors.Join(b.carryOut(ctx, text, results, out), results.err(b.check))
}

// carryOut does what the flags say with the updates: nothing, show them, write them, or propose them.
func (b *bump) carryOut(ctx context.Context, text []byte, results results, out io.Writer) error {
	updates := results.updates()
	switch {
	case b.check || len(updates) == 0:
		return nil
	case b.dryRun:
		return b.show(text, updates, out)
	case b.pullRequest != "":
		return b.propose(ctx, text, results, out)
	}
	return b.write(text, updates)
}
