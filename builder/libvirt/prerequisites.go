package libvirt

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// packages names, for programs that a build may need, the Debian package that has them.
var packages = map[string]string{"qemu-img": "qemu-utils", "ansible-playbook": "ansible-core"}

func (c *Config) checkCommands() error {
	var errs []error
	for _, command := range append([]string{"qemu-img"}, c.RequiredCommands...) {
		if _, err := exec.LookPath(command); err == nil {
			continue
		}
		hint := "install it"
		if name := packages[command]; name != "" {
			hint = "run: apt-get install " + name
		}
		errs = append(errs, fmt.Errorf("%s: not found on PATH; %s", command, hint))
	}
	return errors.Join(errs...)
}

// checkWritable makes the directory and looks for room in it.
func (c *Config) checkWritable(attribute, directory string) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return fmt.Errorf("%s: %w", attribute, err)
	}
	if err := unix.Access(directory, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("%s: writing to %s: %w; choose a directory of your own", attribute, directory, err)
	}
	return c.checkFreeSpace(attribute, directory)
}

// explainConnection names the usual reasons for which libvirt does not answer.
func (c *Config) explainConnection(err error) error {
	hint := "run: systemctl start libvirtd, or without systemd: virtlogd -d; libvirtd -d"
	switch {
	case c.LibvirtURI == "qemu:///session":
		hint = "run: apt-get install libvirt-daemon-system; XDG_RUNTIME_DIR must name a directory of this user, as logging in makes one"
	case strings.Contains(err.Error(), "ermission denied"), strings.Contains(err.Error(), "uthentication"):
		hint = `run: adduser $USER libvirt and log in again, or use libvirt_uri = "qemu:///session"`
	case strings.Contains(err.Error(), "libvirt.so"), strings.Contains(err.Error(), "symbol"):
		hint = "run: apt-get install libvirt-daemon-system"
	case !exists("/usr/sbin/libvirtd") && !exists("/usr/sbin/virtqemud"):
		hint = "run: apt-get install libvirt-daemon-system, then " + strings.TrimPrefix(hint, "run: ")
	}
	return fmt.Errorf("libvirt_uri: connecting to %s: %w; %s", c.LibvirtURI, err, hint)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
