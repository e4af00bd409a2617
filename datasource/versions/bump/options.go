package bump

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// options are the command line.
type options struct {
	file                     string
	only                     []string
	check, dryRun            bool
	download                 bool
	coolDown                 time.Duration // how old a release must be
	timeout                  time.Duration // for one pin
	wait                     time.Duration // the longest wait that a publisher may ask for
	retryWait                time.Duration // before the second attempt; it doubles
	mirrors                  versions.Mirrors
	pullRequest              string // empty, each or all
	repository, base, branch string
	token                    string // GitHub's; it is sent to nobody else, and never shown
}

const maxDays = 365

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)

// parse reads the command line and the environment that GitHub Actions has; problems come together.
func parse(args []string, getenv func(string) string, out io.Writer) (options, error) {
	o := options{mirrors: versions.Mirrors{}, retryWait: time.Second, branch: "ingot-bump/"}
	o.token = getenv("GITHUB_TOKEN")
	if o.token == "" {
		o.token = getenv("GH_TOKEN")
	}
	flags := flag.NewFlagSet("packer-plugin-ingot bump", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.file, "file", "versions.yaml", "the file with the pins")
	flags.Func("only", "name of a pin, or several with commas between; may be repeated (default: all pins)", func(text string) error {
		o.only = append(o.only, strings.Split(text, ",")...)
		return nil
	})
	flags.BoolVar(&o.check, "check", false, "change nothing; exit status 2 when something is outdated, 1 when something is wrong, else 0")
	flags.BoolVar(&o.dryRun, "dry-run", false, "change nothing; print what would change as a diff")
	flags.BoolVar(&o.download, "download", false, "download each new file too, and compare it with the published checksum")
	days := flags.Int("cool-down", 3, "how many days old a release must be; 0: any")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Minute, "how long one pin may take, with all attempts and downloads")
	flags.DurationVar(&o.wait, "wait", time.Minute, "how long to wait where a publisher asks for it; beyond, the pin is left alone")
	flags.StringVar(&o.pullRequest, "pull-request", "", "`what`: do not write the file, but open or update a pull request for each pin (each), or one for all (all)")
	flags.StringVar(&o.repository, "repository", getenv("GITHUB_REPOSITORY"), "owner/name, where the pull requests go")
	flags.StringVar(&o.base, "base", "main", "the branch that the pull requests are for")
	var mirrors []string // read later: flag would show a wrong one, and a password in it
	flags.Func("mirror", "host=url: what to ask instead of https://host; may be repeated", func(text string) error {
		mirrors = append(mirrors, text)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.coolDown = time.Duration(*days) * 24 * time.Hour
	return o, o.validate(*days, flags.Args(), mirrors)
}

func (o *options) validate(days int, arguments, mirrors []string) error {
	var errs []error
	problem := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for i, text := range mirrors {
		if err := o.mirrors.Add(text); err != nil {
			problem("-mirror: %w; number %d of %d is not", err, i+1, len(mirrors))
		}
	}
	if len(arguments) > 0 {
		problem("packer-plugin-ingot bump takes no arguments, got %q", arguments)
	}
	if days < 0 || days > maxDays {
		problem("-cool-down: must be 0 to %d days, got %d", maxDays, days)
	}
	if o.timeout <= 0 || o.wait < 0 {
		problem("-timeout and -wait: must be more than 0, got %s and %s", o.timeout, o.wait)
	}
	return errors.Join(append(errs, o.validatePullRequest()...)...)
}

// validatePullRequest holds together what a pull request needs.
func (o *options) validatePullRequest() (errs []error) {
	switch o.pullRequest {
	case "":
		return nil
	case "each", "all":
	default:
		errs = append(errs, fmt.Errorf("-pull-request: must be each or all, got %q", o.pullRequest))
	}
	if !repositoryName.MatchString(o.repository) {
		errs = append(errs, fmt.Errorf("-repository: must be owner/name (default: $GITHUB_REPOSITORY), got %q", o.repository))
	}
	if !filepath.IsLocal(o.file) {
		errs = append(errs, fmt.Errorf("-file: must be a path inside the repository that gets the pull request, got %q", o.file))
	}
	if o.token == "" && !o.check && !o.dryRun {
		errs = append(errs, errors.New("-pull-request: needs a token in $GITHUB_TOKEN that may write contents and pull requests"))
	}
	return errs
}
