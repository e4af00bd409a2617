//go:generate go tool packer-sdc mapstructure-to-hcl2 -type Config
//go:generate go tool packer-sdc struct-markdown

package libvirt

import (
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/common"
	"github.com/hashicorp/packer-plugin-sdk/communicator"
	"github.com/hashicorp/packer-plugin-sdk/template/config"
	"github.com/hashicorp/packer-plugin-sdk/template/interpolate"
)

// Config is what a template writes in `source "ingot-libvirt"`.
type Config struct {
	common.PackerConfig `mapstructure:",squash"`
	Comm                communicator.Config `mapstructure:",squash"`

	// The cloud image to start from: a path, or an `http(s)://` URL that is downloaded once (with progress,
	// resumed after a cut) into the cache under its checksum. qcow2 or raw, with cloud-init and without a backing file.
	SourceImage string `mapstructure:"source_image" required:"true"`
	// The checksum of `source_image`: `sha256:` or `sha512:` and the digest in hexadecimal. `none` switches
	// the check off, and only when it is written out.
	SourceChecksum string `mapstructure:"source_checksum" required:"true"`
	// Files that the provisioners need: a JSON object, name of a pin to its `version`, `url` (`http(s)://`) and `checksum`. They are
	// downloaded together with `source_image` before a guest starts, verified, and kept in the cache under their checksums; tar
	// archives are looked through. The guest gets them as one read-only disk, mounted at `/run/ingot-artifacts`, each as
	// `<name>/<file name of the URL>`. Default: none. Usually `data.ingot-profile.<name>.artifacts`.
	Artifacts string `mapstructure:"artifacts"`
	// Where to download from instead, for a network without a route to the publishers: the host of a URL (with its port where
	// the URL has one) to the base URL that takes the place of scheme and host. For `source_image` and `artifacts`; the checksums
	// stay. Example: `{ "github.com" = "https://mirror.example/github.com" }`. Default: none.
	Mirrors map[string]string `mapstructure:"mirrors"`
	// How long the download of `source_image`, and of each of the `artifacts`, may take. Default: `1h`.
	DownloadTimeout time.Duration `mapstructure:"download_timeout"`

	// The directory that receives the image, `SHA256SUMS`, `manifest.json`, `console.log` and `ansible.log`. It appears only when
	// complete. One that an earlier build made is replaced, with `verify.json` and `verify.xml` of `post-processor "ingot-verify"`; one
	// that holds files that Ingot did not make is not, and one without `manifest.json` only with `packer build -force`. With `layers`,
	// one that is what this build would make stays as it is. Default: `output/<name of the source>`.
	OutputDirectory string `mapstructure:"output_directory"`
	// The file name of the image in `output_directory`. Default: `ingot-<name of the source>.qcow2`.
	ImageName string `mapstructure:"image_name"`
	// Compression of the image's clusters: `zstd` (default; readers need QEMU 5.1 or later), `zlib` or `none`.
	Compression string `mapstructure:"compression"`
	// A JSON object that describes what the provisioners put into the image; it becomes `profile` in
	// `manifest.json`. Usually `data.ingot-profile.<name>.manifest`.
	Manifest string `mapstructure:"manifest"`
	// Run the build for its provisioners only and throw the disk away: for tests of an image. Default: `false`.
	SkipExport bool `mapstructure:"skip_export"`

	// The libvirt connection: `qemu:///system` (default for root) or `qemu:///session` (default for others; needs no
	// privileges). Remote connections are not supported yet.
	LibvirtURI string `mapstructure:"libvirt_uri"`
	// Where downloads and running builds are kept. The user that runs QEMU must be able to enter it. Default:
	// `$PACKER_CACHE_DIR/ingot` when that is set, `/var/cache/ingot` for root, else `ingot` in the user's cache directory.
	CacheDirectory string `mapstructure:"cache_directory"`
	// What makes builds reuse each other's work: the task files of `provisioner "ingot-ansible"` in order, as a JSON list of
	// `{"task": name, "inputs": "sha256:..."}`, where `inputs` is a digest of all that can change what the task file does. The guest's
	// disk is kept after each as a *layer*; the next build starts from the deepest layer that has the same source image, settings,
	// releases of the `required_commands` and task files below it. One that has all of them gets its image back without a guest.
	// Other provisioners of the template, the provisioner's `extra_arguments`, and files of this machine that `domain_xml` names are
	// not looked at: leave `layers` out where they change the image. Default: none; nothing is kept. Usually
	// `data.ingot-profile.<name>.layers`.
	Layers string `mapstructure:"layers"`
	// `on` (default) or `off`: neither use nor keep layers and images. `packer build -force` does not use them either, and puts its own
	// in their place. Nothing is kept with `source_checksum = "none"`.
	Cache string `mapstructure:"cache"`
	// How much layers and images may take in the cache, in MiB. At the end of a build those go first that have not been used for the
	// longest time, and never one that a build or another layer needs. Default: `51200`.
	CacheSize int `mapstructure:"cache_size"`
	// How long an unused layer, image or download is kept. Default: `720h`.
	CacheAge time.Duration `mapstructure:"cache_age"`
	// Programs that the template's provisioners need on this machine; a missing one is reported with all other missing
	// prerequisites, before anything is started. Example: `["ansible-playbook"]`.
	RequiredCommands []string `mapstructure:"required_commands"`

	// `kvm`, `tcg` (emulation, about ten times slower) or `auto` (default): boot a tiny guest under KVM, and emulate when it
	// does not finish within three seconds. A `/dev/kvm` that exists proves nothing.
	Accelerator string `mapstructure:"accelerator"`
	// The number of virtual CPUs. Default: the machine's, at most 4.
	CPUs int `mapstructure:"cpus"`
	// Memory in MiB. Default: `2048`; at least `256`.
	Memory int `mapstructure:"memory"`
	// The size of the image's disk in MiB. At least the source image's. Default: `10240`.
	DiskSize int `mapstructure:"disk_size"`
	// The size of the disk during the build in MiB, which the guest's root file system grows to. A disk that is larger afterwards has
	// free space behind its last partition. From the source image's size to `disk_size`, which is the default.
	RootSize int `mapstructure:"root_size"`
	// The machine type. Default: `q35` (x86-64), `virt` (arm64).
	Machine string `mapstructure:"machine"`
	// A CPU model that libvirt knows, such as `Skylake-Server`. Default: the host's own CPU with KVM, all that the
	// emulator can do without.
	CPUModel string `mapstructure:"cpu_model"`
	// `bios` (default on x86-64), `uefi` (default on arm64) or `uefi-secure` (Secure Boot with enrolled keys). libvirt chooses
	// the firmware files.
	Firmware string `mapstructure:"firmware"`
	// Give the guest an emulated TPM 2.0 (needs swtpm). Default: `false`.
	TPM bool `mapstructure:"tpm"`
	// A `<domain>` element that is laid over the generated one: its devices are added, its other settings replace. The
	// escape hatch for what no option says. Example: `<domain><devices><watchdog model="itco"/></devices></domain>`.
	DomainXML string `mapstructure:"domain_xml"`

	// How the guest is reached: `user` (default; SSH on a port of 127.0.0.1, needs no privileges), `network` (a libvirt
	// network) or `bridge` (a bridge of the host). In the last two the address is looked up by DHCP lease, guest agent and ARP, in turn.
	NetworkType string `mapstructure:"network_type"`
	// The libvirt network or the host's bridge. Default with `network_type = "network"`: `default`.
	NetworkName string `mapstructure:"network_name"`
	// The first port of 127.0.0.1 that may be forwarded to the guest's SSH. Default: `22000`.
	HostPortMin int `mapstructure:"host_port_min"`
	// The last such port. Default: `23000`.
	HostPortMax int `mapstructure:"host_port_max"`

	// The guest's host name during the build; it does not stay in the image. Default: `ingot-build`.
	Hostname string `mapstructure:"hostname"`
	// How long cloud-init may take to finish after SSH answers. Default: `15m`.
	CloudInitTimeout time.Duration `mapstructure:"cloud_init_timeout"`
	// A command that shuts the guest down, run over SSH. Default: none; libvirt asks the guest agent, else presses the
	// ACPI power button.
	ShutdownCommand string `mapstructure:"shutdown_command"`
	// How long the guest may take to shut down. A guest that does not is killed and never exported. Default: `5m`.
	ShutdownTimeout time.Duration `mapstructure:"shutdown_timeout"`
	// A text that the guest must print on its serial console before it is off, as proof that its last work was done; without
	// it nothing is exported. Ingot's `harden` task prints `ingot-seal: done`. Default: none is asked for.
	ShutdownConfirmation string `mapstructure:"shutdown_confirmation"`
	// How long writing the image may take. Default: `1h`.
	ExportTimeout time.Duration `mapstructure:"export_timeout"`

	ctx interpolate.Context
}

// ConfigSpec returns the HCL schema of the builder.
func (b *Builder) ConfigSpec() hcldec.ObjectSpec { return b.config.FlatMapstructure().HCL2Spec() }

// Prepare decodes, sets defaults and validates, in this order. It reads nothing but its input, so that
// `packer validate` works on a machine without libvirt.
func (c *Config) Prepare(raws ...any) (warnings []string, err error) {
	err = config.Decode(c, &config.DecodeOpts{PluginType: "ingot-libvirt", Interpolate: true, InterpolateContext: &c.ctx}, raws...)
	if err != nil {
		return nil, err
	}
	c.setDefaults()
	return c.warnings(), c.validate()
}
