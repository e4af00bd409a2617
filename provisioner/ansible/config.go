//go:generate go tool packer-sdc mapstructure-to-hcl2 -type Config
//go:generate go tool packer-sdc struct-markdown

package ansible

import (
	"time"

	"github.com/hashicorp/packer-plugin-sdk/common"
	"github.com/hashicorp/packer-plugin-sdk/template/config"
)

// Config is what a template writes in `provisioner "ingot-ansible"`.
type Config struct {
	common.PackerConfig `mapstructure:",squash"`

	// The folder that holds the playbook and `tasks/`. Its `ansible.cfg` is used when it has one; no other configuration
	// of Ansible is, nor any `ANSIBLE_*` variable of the environment.
	AnsibleDirectory string `mapstructure:"ansible_directory" required:"true"`
	// The playbook to run, relative to `ansible_directory` and inside it. Its plays name the guest as `hosts: image`.
	// Default: `build.yaml`.
	Playbook string `mapstructure:"playbook"`
	// The task files to apply, in this order, as names in `tasks/` without `.yaml`. The playbook gets them as `ingot_tasks`,
	// and the build fails when one of them was not applied. Usually `data.ingot-profile.<name>.tasks`.
	Tasks []string `mapstructure:"tasks"`
	// A JSON object of variables for the playbook; their types survive. Usually `data.ingot-profile.<name>.variables`.
	// A `pin_*` variable with the checksum of one of the builder's `artifacts` gets that file's `url` in the guest.
	Variables string `mapstructure:"variables"`
	// Names in `variables` whose values are masked in what is shown and in the log. Those that have the name of a sensitive
	// variable of the template are masked in any case. Tasks that handle secrets still want `no_log`.
	SensitiveVariables []string `mapstructure:"sensitive_variables"`
	// How long the whole playbook may take: a duration such as `90m`. Default: `1h`. (Packer's own `timeout` would cut a
	// shorter one; `ansible_timeout` also says at which task.)
	AnsibleTimeout string `mapstructure:"ansible_timeout"`
	// The file that receives Ansible's full output. Default: `ansible.log` in the directory of the build, which the builder
	// keeps beside the image, or beside what is left of a failed build.
	LogFile string `mapstructure:"log_file"`
	// The command that runs a playbook, of ansible-core 2.14 or later: a name that is found on `PATH`, or a path.
	// Default: `ansible-playbook`.
	AnsiblePlaybook string `mapstructure:"ansible_playbook"`
	// Further arguments for `ansible_playbook`, one each. Example: `["-vvv"]`.
	ExtraArguments []string `mapstructure:"extra_arguments"`
}

// Prepare decodes, sets defaults and validates, in this order. It starts no program and changes nothing.
// Templates are not rendered: the braces in variables belong to Ansible.
func (c *Config) Prepare(raws ...any) error {
	if err := config.Decode(c, &config.DecodeOpts{PluginType: "ingot-ansible"}, raws...); err != nil {
		return err
	}
	c.setDefaults()
	return c.validate()
}

func (c *Config) setDefaults() {
	for field, value := range map[*string]string{
		&c.Playbook:        "build.yaml",
		&c.AnsibleTimeout:  "1h",
		&c.AnsiblePlaybook: "ansible-playbook",
		&c.Variables:       "{}",
	} {
		if *field == "" {
			*field = value
		}
	}
}

// timeout is AnsibleTimeout, which has been validated.
func (c *Config) timeout() time.Duration {
	limit, _ := time.ParseDuration(c.AnsibleTimeout)
	return limit
}
