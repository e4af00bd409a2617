package versions

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// List is the command `packer-plugin-ingot pins`: it prints what versions.yaml pins for one architecture, a line each with
// kind (image or tool), name, version, URL and checksum, and after them a line with # for each pin that is due for review.
func List(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("packer-plugin-ingot pins", flag.ContinueOnError)
	flags.SetOutput(out)
	file := flags.String("file", "versions.yaml", "the file with the pins")
	architecture := flags.String("architecture", runtime.GOARCH, "amd64 or arm64")
	strict := flags.Bool("strict", false, "fail when a pin is due for review")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("packer-plugin-ingot pins takes no arguments, got %q", flags.Args())
	}
	pins, err := Load(*file)
	if err != nil {
		return err
	}
	if err := pins.list(*architecture, time.Now(), out); err != nil || !*strict {
		return err
	}
	return pins.reviewed(time.Now())
}

// reviewed is an error for each pin that is due for review.
func (p Pins) reviewed(now time.Time) error {
	var errs []error
	for _, overdue := range p.Overdue(now) {
		errs = append(errs, errors.New(overdue))
	}
	return errors.Join(errs...)
}

func (p Pins) list(architecture string, now time.Time, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	printSection(table, "image", downloads(p.Images, architecture))
	printSection(table, "tool", downloads(p.Tools, architecture))
	if err := table.Flush(); err != nil {
		return err
	}
	for _, warning := range p.Overdue(now) {
		fmt.Fprintln(out, "#", warning)
	}
	return nil
}

func printSection(out io.Writer, kind string, section map[string]map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(section)) {
		pin := section[name]
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", kind, name, pin["version"], pin["url"], pin["checksum"])
	}
}
