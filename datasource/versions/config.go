//go:generate go tool packer-sdc mapstructure-to-hcl2 -type Config
//go:generate go tool packer-sdc struct-markdown

package versions

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/hashicorp/packer-plugin-sdk/template/config"
)

// unknown stands for a value that `packer validate` cannot know yet.
const unknown = "<unknown>"

// Config is what a template says in `data "ingot-versions"`.
type Config struct {
	// Path of versions.yaml, for example `"${path.root}/../versions.yaml"`.
	File string `mapstructure:"file" required:"true"`
	// Whose downloads to give: `amd64` or `arm64`. Default: the architecture of this machine.
	Architecture string `mapstructure:"architecture"`
	// Name of a base image in versions.yaml, for example `debian-13`. It sets the outputs `image_url`, `image_checksum` and
	// `image_version`; a name that versions.yaml does not have for this architecture is an error that lists those it has.
	// Default: none, and the three outputs are empty.
	Image string `mapstructure:"image"`
}

// prepare decodes, sets defaults and validates.
func (c *Config) prepare(raws ...any) error {
	if err := config.Decode(c, &config.DecodeOpts{}, raws...); err != nil {
		return err
	}
	c.setDefaults()
	return c.validate()
}

func (c *Config) setDefaults() {
	if c.Architecture == "" {
		c.Architecture = runtime.GOARCH
	}
}

func (c *Config) validate() error {
	var errs []error
	if c.File == "" {
		errs = append(errs, errors.New("file: is required: the path of versions.yaml"))
	}
	if c.Architecture != unknown && !slices.Contains(architectures, c.Architecture) {
		errs = append(errs, fmt.Errorf("architecture: must be one of %v, got %q", architectures, c.Architecture))
	}
	return errors.Join(errs...)
}
