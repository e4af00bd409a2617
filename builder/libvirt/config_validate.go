package libvirt

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"libvirt.org/go/libvirtxml"
)

// placeholder is what Packer gives for a value of a data source under plain `packer validate`.
const placeholder = "<unknown>"

const minMemory = 256 // MiB: below this a Debian cloud kernel does not unpack its initramfs

var (
	checksumPattern = regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`)
	namePattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	hostnamePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`) // RFC 1123 label
)

// validate reports every problem of the configuration at once; each message starts with the attribute.
func (c *Config) validate() error {
	errs := c.Comm.Prepare(&c.ctx)
	for _, check := range []func() error{
		c.validateSource, c.validateOutput, c.validateConnection, c.validateMachine,
		c.validateNetwork, c.validateCommunicator, c.validateDomainXML, c.validateManifest,
	} {
		errs = append(errs, check())
	}
	return errors.Join(errs...)
}

func (c *Config) validateSource() error {
	return errors.Join(c.validateSourceImage(), c.validateSourceChecksum())
}

func (c *Config) validateSourceImage() error {
	if c.SourceImage == placeholder {
		return nil
	}
	if c.SourceImage == "" {
		return errors.New("source_image: is required; give the path or URL of a cloud image")
	}
	location, err := url.Parse(c.SourceImage)
	if err == nil && location.Scheme != "" && !slices.Contains([]string{"http", "https"}, location.Scheme) {
		return fmt.Errorf("source_image: must be a path or an http(s) URL, got %q", c.SourceImage)
	}
	if err != nil || location.Scheme != "" && location.Host == "" {
		return fmt.Errorf("source_image: must be a path or an http(s) URL with a host, got %q", c.SourceImage)
	}
	if location.Scheme != "" {
		return nil
	}
	info, err := os.Stat(c.SourceImage)
	if err != nil {
		return fmt.Errorf("source_image: no such image on this machine: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("source_image: must be a file, got %q (%s)", c.SourceImage, info.Mode().Type())
	}
	return nil
}

func (c *Config) validateSourceChecksum() error {
	if c.SourceChecksum == "" {
		return errors.New(`source_checksum: is required; copy it from the image's publisher, or write "none" to go without`)
	}
	if c.SourceChecksum == placeholder || c.SourceChecksum == "none" || checksumPattern.MatchString(c.SourceChecksum) {
		return nil
	}
	return fmt.Errorf("source_checksum: must be sha256: and 64 or sha512: and 128 lower-case hexadecimal digits, got %q", c.SourceChecksum)
}

func (c *Config) validateOutput() error {
	return errors.Join(
		oneOf("compression", c.Compression, "zstd", "zlib", "none"),
		matches("image_name", c.ImageName, namePattern, "must be a file name without folders"),
		c.validateImageName(),
		c.validateOutputDirectory(),
	)
}

// validateImageName keeps the image from being overwritten by what is written beside it.
func (c *Config) validateImageName() error {
	if slices.Contains(besideTheImage, c.ImageName) {
		return fmt.Errorf("image_name: must not be one of %s, which a build writes beside the image, got %q", strings.Join(besideTheImage, ", "), c.ImageName)
	}
	return nil
}

// validateOutputDirectory refuses directories that are replaced as a whole only by mistake.
func (c *Config) validateOutputDirectory() error {
	clean := filepath.Clean(c.OutputDirectory)
	if clean == "." || clean == "/" || clean == ".." || strings.HasSuffix(clean, "/..") {
		return fmt.Errorf("output_directory: must be a directory of its own, since a build replaces it, got %q", c.OutputDirectory)
	}
	return nil
}

func (c *Config) validateConnection() error {
	location, err := url.Parse(c.LibvirtURI)
	if err == nil && location.Scheme == "qemu" && location.Host == "" && location.RawQuery == "" && slices.Contains([]string{"/system", "/session"}, location.Path) {
		return nil
	}
	return fmt.Errorf("libvirt_uri: must be qemu:///system or qemu:///session, got %q", c.LibvirtURI)
}

func (c *Config) validateMachine() error {
	return errors.Join(
		oneOf("accelerator", c.Accelerator, "auto", "kvm", "tcg"),
		oneOf("firmware", c.Firmware, "bios", "uefi", "uefi-secure"),
		matches("machine", c.Machine, namePattern, "must be a machine type such as q35"),
		matches("hostname", c.Hostname, hostnamePattern, "must be one lower-case label of at most 63 characters"),
		between("cpus", c.CPUs, 1, 512, ""),
		between("memory", c.Memory, minMemory, 16<<20, " MiB"),
		between("disk_size", c.DiskSize, 512, 64<<20, " MiB"),
		c.validateTimeouts(),
	)
}

func (c *Config) validateTimeouts() error {
	var errs []error
	for _, t := range c.timeouts() {
		if t.value <= 0 {
			errs = append(errs, fmt.Errorf("%s: must be longer than 0s, got %s", t.name, t.value))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) validateNetwork() error {
	errs := []error{
		oneOf("network_type", c.NetworkType, "user", "network", "bridge"),
		between("host_port_min", c.HostPortMin, 1, 65535, ""),
		between("host_port_max", c.HostPortMax, 1, 65535, ""),
	}
	if c.HostPortMin > c.HostPortMax {
		errs = append(errs, fmt.Errorf("host_port_max: must be at least host_port_min (%d), got %d", c.HostPortMin, c.HostPortMax))
	}
	if c.NetworkType == "bridge" && c.NetworkName == "" {
		errs = append(errs, errors.New(`network_name: is required with network_type = "bridge"; give the bridge's name, such as "br0"`))
	}
	if c.NetworkType == "user" && c.NetworkName != "" {
		errs = append(errs, fmt.Errorf(`network_name: has no meaning with network_type = "user", got %q`, c.NetworkName))
	}
	return errors.Join(errs...)
}

// validateCommunicator refuses the SDK's ways to log in that would weaken a build: it makes its own keys.
func (c *Config) validateCommunicator() error {
	var errs []error
	if c.Comm.Type != "ssh" {
		errs = append(errs, fmt.Errorf(`communicator: must be "ssh", got %q`, c.Comm.Type))
	}
	if c.Comm.SSHPassword != "" || c.Comm.SSHPrivateKeyFile != "" || c.Comm.SSHAgentAuth {
		errs = append(errs, errors.New("ssh_password, ssh_private_key_file, ssh_agent_auth: must be left out; every build makes a key of its own and forgets it"))
	}
	return errors.Join(errs...)
}

func (c *Config) validateDomainXML() error {
	if c.DomainXML == "" || c.DomainXML == placeholder {
		return nil
	}
	var domain libvirtxml.Domain
	if err := domain.Unmarshal(c.DomainXML); err != nil {
		return fmt.Errorf("domain_xml: must be one <domain> element: %w", err)
	}
	if domain.Name != "" || domain.UUID != "" || domain.Metadata != nil {
		return errors.New("domain_xml: must not have name, uuid or metadata; they are the build's, or another domain would be replaced")
	}
	return nil
}

func (c *Config) validateManifest() error {
	if c.Manifest == "" || c.Manifest == placeholder {
		return nil
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(c.Manifest), &object); err != nil {
		return fmt.Errorf("manifest: must be a JSON object: %w", err)
	}
	return nil
}

func (c *Config) warnings() []string {
	if c.SourceChecksum == "none" {
		return []string{`source_checksum is "none": the image is built on a file that nobody has verified`}
	}
	return nil
}
