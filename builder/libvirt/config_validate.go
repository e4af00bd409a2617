package libvirt

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
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
		c.validateSource, c.validateArtifacts, c.validateMirrors, c.validateOutput, c.validateConnection,
		c.validateMachine, c.validateNetwork, c.validateCommunicator, c.validateDomainXML, c.validateManifest, c.validateCache, c.validateLayers,
	} {
		errs = append(errs, check())
	}
	return errors.Join(errs...)
}

func (c *Config) validateConnection() error {
	location, err := url.Parse(c.LibvirtURI)
	if err == nil && location.Scheme == "qemu" && location.Host == "" && location.RawQuery == "" && slices.Contains([]string{"/system", "/session"}, location.Path) {
		return nil
	}
	return fmt.Errorf("libvirt_uri: must be qemu:///system or qemu:///session, got %q", c.LibvirtURI)
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

func (c *Config) warnings() []string {
	if c.SourceChecksum == "none" {
		return []string{`source_checksum is "none": the image is built on a file that nobody has verified`}
	}
	return nil
}
