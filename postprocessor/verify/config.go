//go:generate go tool packer-sdc mapstructure-to-hcl2 -type Config
//go:generate go tool packer-sdc struct-markdown

package verify

import (
	"time"

	"github.com/hashicorp/packer-plugin-sdk/common"
	"github.com/hashicorp/packer-plugin-sdk/template/config"
)

// Config is what a template writes in `post-processor "ingot-verify"`.
type Config struct {
	common.PackerConfig `mapstructure:",squash"`

	// The folder that holds `verify.yaml` and, in `verify/`, the proof of each task file.
	AnsibleDirectory string `mapstructure:"ansible_directory" required:"true"`
	// The task files that were applied to the image, whose proofs must pass. Usually `data.ingot-profile.<name>.tasks`.
	Tasks []string `mapstructure:"tasks" required:"true"`
	// The variables that they were applied with, a JSON object: proofs read them too. Default: none. Usually
	// `data.ingot-profile.<name>.variables`.
	Variables string `mapstructure:"variables"`
	// What the image may have, a JSON object: users, groups, privileged and world-writable files, kernel messages and taints, of each
	// distribution and of each of the `tasks`. What is not declared is a problem. Default: nothing is allowed. Usually
	// `data.ingot-profile.<name>.declared`.
	Declared string `mapstructure:"declared"`

	// As in `source "ingot-libvirt"`, for the guests that are booted: `kvm`, `tcg` or `auto` (default).
	Accelerator string `mapstructure:"accelerator"`
	// The libvirt connection, as in `source "ingot-libvirt"`. Default: `qemu:///system` for root, `qemu:///session` for others.
	LibvirtURI string `mapstructure:"libvirt_uri"`
	// Where running guests are kept, and in `verified/` what passed, so that an image is looked at once. Default: that of
	// `source "ingot-libvirt"`.
	CacheDirectory string `mapstructure:"cache_directory"`
	// The number of virtual CPUs. Default: the machine's, at most 4.
	CPUs int `mapstructure:"cpus"`
	// Memory of a guest in MiB. Default: `2048`.
	Memory int `mapstructure:"memory"`
	// How long a guest may take from power-on, and from the order to reboot, to its login. Default: `10m`.
	BootTimeout time.Duration `mapstructure:"boot_timeout"`
	// How long all proofs together may take, each time. Default: `30m`.
	ProofTimeout time.Duration `mapstructure:"proof_timeout"`
}

// Prepare decodes, sets defaults and validates, in this order. It starts nothing. Templates are not rendered: the braces in variables
// belong to Ansible.
func (c *Config) Prepare(raws ...any) error {
	if err := config.Decode(c, &config.DecodeOpts{PluginType: "ingot-verify"}, raws...); err != nil {
		return err
	}
	c.setDefaults()
	return c.validate()
}
