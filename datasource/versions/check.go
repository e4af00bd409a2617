package versions

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// check is one run of `pins check`.
type check struct {
	file         string
	architecture string // empty: all
	only         []string
	mirrors      Mirrors
	timeout      time.Duration // for one file, with all attempts
	parallel     int
	retryWait    time.Duration // before the second attempt; it doubles
	transport    *http.Transport
	progress     *log.Logger
}

// Check is the command `packer-plugin-ingot pins check`: it downloads every file that versions.yaml pins, keeps none of them, and
// prints a table that says of each whether it is still the file that was pinned: ok, MISMATCH with both checksums, unreachable with the
// reason, or not checked when ctx ends first. An error says how many are not ok.
func Check(ctx context.Context, args []string, out, progress io.Writer) error {
	c := newCheck(progress)
	if err := c.parse(args, out); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	return c.run(ctx, out)
}

func newCheck(progress io.Writer) *check {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // or an archive that a server calls gzip-encoded would arrive unpacked
	return &check{mirrors: Mirrors{}, retryWait: time.Second, transport: transport, progress: log.New(progress, "", 0)}
}

// run checks the selected files, several at a time, and prints the table.
func (c *check) run(ctx context.Context, out io.Writer) error {
	pins, err := Load(c.file)
	if err != nil {
		return err
	}
	files, err := c.selectFiles(pins)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(c.parallel)
	for i := range files {
		group.Go(func() error {
			files[i].size, files[i].err = c.fetch(ctx, files[i])
			c.progress.Printf("%s: %s", files[i], files[i].result())
			return nil
		})
	}
	_ = group.Wait() // what is wrong with a file is its result
	return c.report(files, out)
}

// report prints the table and the sum.
func (c *check) report(files []pinnedFile, out io.Writer) error {
	bad := 0
	for _, f := range files {
		if f.err != nil {
			bad++
		}
	}
	fmt.Fprintf(out, "%s\nfiles: %d, ok: %d, not ok: %d\n", render(files), len(files), len(files)-bad, bad)
	if bad > 0 {
		return fmt.Errorf("%s: %d of %d files are not ok, see the table", c.file, bad, len(files))
	}
	return nil
}
