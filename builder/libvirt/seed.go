package libvirt

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// userData is the part of cloud-config that a build needs.
// https://cloudinit.readthedocs.io/en/latest/reference/modules.html
type userData struct {
	Hostname       string            `yaml:"hostname"`
	ManageEtcHosts string            `yaml:"manage_etc_hosts"` // sudo resolves the host's own name, without DNS
	Users          []userDataUser    `yaml:"users"`            // without "default": no user of the distribution
	SSHKeys        map[string]string `yaml:"ssh_keys"`         // replaces the generation of host keys
	SSHDeleteKeys  bool              `yaml:"ssh_deletekeys"`
	SSHPasswords   bool              `yaml:"ssh_pwauth"`
	PackageUpdate  bool              `yaml:"package_update"`
}

type userDataUser struct {
	Name              string   `yaml:"name"`
	Sudo              string   `yaml:"sudo"`
	Shell             string   `yaml:"shell"`
	LockPassword      bool     `yaml:"lock_passwd"`
	SSHAuthorizedKeys []string `yaml:"ssh_authorized_keys"`
}

type metaData struct {
	InstanceID    string `yaml:"instance-id"`
	LocalHostname string `yaml:"local-hostname"`
}

// seedFiles returns the NoCloud files: one user with one key, and the host key that the communicator will check.
func (c *Config) seedFiles(build buildID, keys identity) (map[string][]byte, error) {
	user, err := yaml.Marshal(userData{
		Hostname: c.Hostname, ManageEtcHosts: "localhost",
		Users: []userDataUser{{
			Name: c.Comm.SSHUsername, Sudo: "ALL=(ALL) NOPASSWD:ALL", Shell: "/bin/bash",
			LockPassword: true, SSHAuthorizedKeys: []string{keys.user.public},
		}},
		SSHKeys:       map[string]string{"ed25519_private": keys.host.private, "ed25519_public": keys.host.public},
		SSHDeleteKeys: true,
	})
	if err != nil {
		return nil, fmt.Errorf("writing the seed's user-data: %w", err)
	}
	meta, err := yaml.Marshal(metaData{InstanceID: build.instanceID(), LocalHostname: c.Hostname})
	if err != nil {
		return nil, fmt.Errorf("writing the seed's meta-data: %w", err)
	}
	return map[string][]byte{"/user-data": append([]byte("#cloud-config\n"), user...), "/meta-data": meta}, nil
}

// instanceID is how cloud-init tells this boot from those that the image may have seen before.
func (b buildID) instanceID() string { return "ingot-" + b.ID }
