package verify

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// Command is `packer-plugin-ingot verify FILE`: it verifies any qcow2, whether it has passed before or not, and leaves it as it is. Its
// error has all problems.
func Command(ctx context.Context, components Components, args []string, out io.Writer) error {
	var c command
	switch err := c.parse(args, out); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	if os.Getenv("PACKER_LOG") == "" {
		log.SetOutput(io.Discard) // Packer's plugins tell it a lot
	}
	begin := time.Now()
	found, err := readImage(ctx, c.file, "", c.manifest)
	if err != nil {
		return err
	}
	if err := c.configure(components, found.manifest); err != nil {
		return err
	}
	directory, err := c.reportDirectory()
	if err != nil {
		return err
	}
	v := &verification{
		config: &c.config, components: components, ui: &packersdk.BasicUi{Reader: os.Stdin, Writer: out, ErrorWriter: out},
		image: c.file, checksum: found.checksum, buildID: found.manifest.BuildID, directory: directory,
	}
	checks, err := v.run(ctx)
	if err != nil {
		return err
	}
	report := newReport(found, c.config.Tasks, checks, begin)
	report.show(v.ui)
	if c.report == "" && report.Passed {
		return os.RemoveAll(directory)
	}
	if !report.Passed {
		v.ui.Say("Reports, and logs of guests with problems: " + directory)
	}
	return errors.Join(report.write(directory), report.verdict())
}

// command is what a person types.
type command struct {
	config   Config
	file     string
	spec     string
	manifest string
	versions string
	report   string
}

const commandUsage = `packer-plugin-ingot verify FILE: audit and boot a qcow2. Options:
`

func (c *command) parse(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("packer-plugin-ingot verify", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, commandUsage); flags.PrintDefaults() }
	flags.StringVar(&c.spec, "spec", "", "the profile that FILE was made of (default: the one in the manifest)")
	flags.StringVar(&c.config.AnsibleDirectory, "ansible", "ansible", "the folder with specs and proofs")
	flags.StringVar(&c.manifest, "manifest", "", "what went into FILE (default: manifest.json beside it, where there is one)")
	flags.StringVar(&c.versions, "versions", "", "the versions.yaml whose pins FILE must have (default: the pins in the manifest)")
	flags.StringVar(&c.report, "report", "", "the directory for verify.json, verify.xml and logs (default: kept only when FILE does not pass)")
	flags.StringVar(&c.config.Accelerator, "accelerator", "auto", "kvm, tcg or auto")
	flags.StringVar(&c.config.LibvirtURI, "libvirt-uri", "", "the libvirt connection")
	flags.StringVar(&c.config.CacheDirectory, "cache-directory", "", "where running guests are kept")
	flags.IntVar(&c.config.CPUs, "cpus", 0, "virtual CPUs of a guest")
	flags.IntVar(&c.config.Memory, "memory", 0, "memory of a guest in MiB")
	flags.DurationVar(&c.config.BootTimeout, "boot-timeout", 0, "how long a guest may take to its login (default 10m)")
	var files []string
	for rest := args; ; rest = flags.Args()[1:] { // options may come after FILE
		if err := flags.Parse(rest); err != nil {
			return err
		}
		if flags.NArg() == 0 {
			break
		}
		files = append(files, flags.Arg(0))
	}
	if len(files) != 1 {
		return fmt.Errorf("packer-plugin-ingot verify: takes one FILE, got %q; -h lists the options", files)
	}
	c.file = files[0]
	if c.manifest == "" {
		c.manifest = filepath.Join(filepath.Dir(c.file), manifestFile)
	}
	return nil
}

func (c *command) reportDirectory() (string, error) {
	if c.report == "" {
		return os.MkdirTemp("", "ingot-verify-")
	}
	return c.report, os.MkdirAll(c.report, 0o755)
}
