package versions

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// parse reads the command line; problems come together.
func (c *check) parse(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("packer-plugin-ingot pins check", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&c.file, "file", "versions.yaml", "the file with the pins")
	flags.StringVar(&c.architecture, "architecture", "", "amd64 or arm64 (default: both)")
	flags.Func("only", "name of a pin, or several with commas between; may be repeated (default: all pins)", func(text string) error {
		c.only = append(c.only, strings.Split(text, ",")...)
		return nil
	})
	var mirrors []string // read later: flag would show a wrong one, and a password in it
	flags.Func("mirror", "host=url: what to download from instead of https://host; may be repeated", func(text string) error {
		mirrors = append(mirrors, text)
		return nil
	})
	flags.DurationVar(&c.timeout, "timeout", 30*time.Minute, "how long one file may take, with all attempts")
	flags.IntVar(&c.parallel, "parallel", 4, "how many files to download at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return c.validate(flags.Args(), mirrors)
}

func (c *check) validate(arguments, mirrors []string) error {
	var errs []error
	for i, text := range mirrors {
		if err := c.mirrors.Add(text); err != nil {
			errs = append(errs, fmt.Errorf("-mirror: %w; number %d of %d is not", err, i+1, len(mirrors)))
		}
	}
	if len(arguments) > 0 {
		errs = append(errs, fmt.Errorf("packer-plugin-ingot pins check takes no arguments, got %q", arguments))
	}
	if c.architecture != "" && !slices.Contains(architectures, c.architecture) {
		errs = append(errs, fmt.Errorf("-architecture: must be one of %v, got %q", architectures, c.architecture))
	}
	if c.timeout <= 0 {
		errs = append(errs, fmt.Errorf("-timeout: must be more than 0, got %s", c.timeout))
	}
	if c.parallel < 1 {
		errs = append(errs, fmt.Errorf("-parallel: must be at least 1, got %d", c.parallel))
	}
	return errors.Join(errs...)
}
