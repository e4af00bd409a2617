//go:generate go tool packer-sdc mapstructure-to-hcl2 -type Config,DatasourceOutput
//go:generate go tool packer-sdc struct-markdown

package profile

import (
	"errors"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/template/config"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// unknown stands for a value that `packer validate` cannot know yet.
const unknown = "<unknown>"

// Config is what a template says in `data "ingot-profile"`.
type Config struct {
	// Folder with `specs/`, `tasks/` and `meta/argument_specs.yml`, for example `"${path.root}/../ansible"`. Nothing outside
	// it is read, also not through symbolic links.
	AnsibleDirectory string `mapstructure:"ansible_directory" required:"true"`
	// Name of the spec: `base` is the file `specs/base.yaml`.
	Spec string `mapstructure:"spec" required:"true"`
	// Pinned downloads as a JSON object of name to `version`, `url` and `checksum`; usually
	// `jsonencode(data.ingot-versions.NAME.pins)`. The tasks get those that their argument_specs ask for: option
	// `pin_some_tool` is the pin `some-tool`. A pin with `missing` instead, the sentence why it has no download here, is an error
	// once a task asks for it. Default: none.
	Pins string `mapstructure:"pins"`
}

// DatasourceOutput is what `data.ingot-profile.NAME` gives to a template.
type DatasourceOutput struct {
	// What the image is for: the comment in the first line of the spec.
	Description string `mapstructure:"description"`
	// Names of the task files in the order in which they are applied; the last is always `harden`.
	Tasks []string `mapstructure:"tasks"`
	// Variables for the tasks, with the pins that they ask for, as a JSON object.
	Variables string `mapstructure:"variables"`
	// What the tasks install that is pinned, as a JSON object of pin name to `version`, `url` and `checksum`: for the option
	// `artifacts` of `source "ingot-libvirt"`, which downloads the files before the build. `{}` when no task asks for a pin.
	Artifacts string `mapstructure:"artifacts"`
	// The tasks in order with `inputs`, the digest of all that can change what each does, as a JSON list: for the option `layers` of
	// `source "ingot-libvirt"`, which keeps the disk after each task and starts the next build from there.
	Layers string `mapstructure:"layers"`
	// What an image may have, as a JSON object: `distributions` has the publishers' own users, groups, privileged and world-writable
	// files, kernel messages and taints by distribution, `tasks` what the selected tasks add to them. For the option `declared` of
	// `post-processor "ingot-verify"`, which refuses an image that has more. From the files in `declares/`.
	Declared string `mapstructure:"declared"`
	// What the profile is made of, as a JSON object: `spec`, `description`, `specs` and `tasks` with the SHA-256 of each file,
	// `variables`, and the `pins` that are used.
	Manifest string `mapstructure:"manifest"`
}

// prepare decodes and validates; there are no defaults.
func (c *Config) prepare(raws ...any) error {
	if err := config.Decode(c, &config.DecodeOpts{}, raws...); err != nil {
		return err
	}
	var errs []error
	if c.AnsibleDirectory == "" {
		errs = append(errs, errors.New("ansible_directory: is required: the folder that holds specs/ and tasks/"))
	}
	if c.Spec != unknown && !strictyaml.IsName(c.Spec) {
		errs = append(errs, fmt.Errorf("spec: %s, got %q", strictyaml.NameRule, c.Spec))
	}
	if _, err := parsePins(c.Pins); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
