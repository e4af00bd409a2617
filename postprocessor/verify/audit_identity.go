package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// lookAtMachineID wants an empty file: an absent one cannot be made on a read-only root, and one with content is every machine's.
func (a *audited) lookAtMachineID() (problems []string) {
	info, err := os.Lstat(filepath.Join(a.root, "etc/machine-id"))
	switch {
	case err != nil:
		problems = append(problems, "/etc/machine-id: must be there and empty: it cannot be made on a read-only root")
	case !info.Mode().IsRegular() || info.Size() != 0:
		problems = append(problems, fmt.Sprintf("/etc/machine-id: must be an empty file, is %s of %d bytes: every machine would be the same", info.Mode(), info.Size()))
	}
	if dbus, err := os.Lstat(filepath.Join(a.root, "var/lib/dbus/machine-id")); err == nil && dbus.Mode()&os.ModeSymlink == 0 {
		problems = append(problems, "/var/lib/dbus/machine-id: must be absent or a link to /etc/machine-id")
	}
	return problems
}

var (
	commonHost = regexp.MustCompile(`^(127\.0\.0\.1|::1|fe00::0|ff0[0-9]::[0-9])\s+((localhost|ip6-\S+)\s*)+$`)
	hardware   = regexp.MustCompile(`(?i)\b(macaddress|MACAddress|hwaddr|hwaddress)\b.*([0-9a-f]{2}:){5}[0-9a-f]{2}`)
	buildNet   = regexp.MustCompile(`\b10\.0\.2\.(2|3|15)\b`) // of QEMU's user network
)

// lookAtNetwork looks for what deployment gives to each machine.
func (a *audited) lookAtNetwork() (problems []string) {
	for line := range strings.Lines(a.file("etc/hosts")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && !commonHost.MatchString(line) {
			problems = append(problems, fmt.Sprintf("/etc/hosts: %q: is not of localhost; cloud-init writes a machine's own names", line))
		}
	}
	if strings.Contains(a.file("etc/resolv.conf"), "nameserver") {
		problems = append(problems, "/etc/resolv.conf: has the name server of the build's network; it must be the resolver's link, or empty")
	}
	for _, one := range a.entries {
		if !one.mode.IsRegular() || !strings.HasPrefix(one.path, "/etc/") {
			continue
		}
		text := a.file(one.path)
		if m := hardware.FindString(text); m != "" {
			problems = append(problems, fmt.Sprintf("%s: %q: binds to one machine's network card", one.path, m))
		}
		if m := buildNet.FindString(text); m != "" {
			problems = append(problems, fmt.Sprintf("%s: %s: is an address of the build's network", one.path, m))
		}
		if strings.HasPrefix(one.path, "/etc/apt/") && proxy.MatchString(text) {
			problems = append(problems, one.path+": sets a proxy, which was the build's")
		}
	}
	return problems
}

var proxy = regexp.MustCompile(`(?mi)^[^/#\n]*\bProxy\b`)
