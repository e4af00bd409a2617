package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const firstProcess = "/usr/lib/read-only-root/init"

// lookAtFstab: with a read-only root, that is what the file says; without one, a line for / is all that is asked for.
func (a *audited) lookAtFstab() (problems []string) {
	mounts := map[string][]string{} // fields by mount point
	for line := range strings.Lines(a.file("etc/fstab")) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
			continue
		case len(fields) < 4:
			problems = append(problems, fmt.Sprintf("/etc/fstab: %q: must have at least four fields", strings.TrimSpace(line)))
			continue
		case mounts[fields[1]] != nil:
			problems = append(problems, fmt.Sprintf("/etc/fstab: %s: is there twice", fields[1]))
		case strings.HasPrefix(fields[0], "/dev/"):
			problems = append(problems, fmt.Sprintf("/etc/fstab: %s: %s: device names differ from machine to machine; name the file system by UUID or LABEL", fields[1], fields[0]))
		case fields[2] == "swap":
			problems = append(problems, fmt.Sprintf("/etc/fstab: %s: swap: is deployment's to say", fields[0]))
		}
		mounts[fields[1]] = fields
	}
	if mounts["/"] == nil {
		return append(problems, "/etc/fstab: must have a line for /")
	}
	if !a.want.isReadOnlyRoot() {
		return problems
	}
	for _, point := range []string{"/", "/boot", "/boot/efi"} {
		if fields := mounts[point]; fields != nil && !slices.Contains(strings.Split(fields[3], ","), "ro") {
			problems = append(problems, fmt.Sprintf("/etc/fstab: %s: must have the option ro, has %s", point, fields[3]))
		}
	}
	for _, point := range []string{"/tmp", "/var/tmp"} {
		fields := mounts[point]
		if fields == nil || fields[2] != "tmpfs" {
			problems = append(problems, fmt.Sprintf("/etc/fstab: %s: must be a tmpfs, has %q", point, strings.Join(fields, " ")))
			continue
		}
		for _, option := range []string{"mode=1777", "nosuid", "nodev"} {
			if !slices.Contains(strings.Split(fields[3], ","), option) {
				problems = append(problems, fmt.Sprintf("/etc/fstab: %s: must have the option %s, has %s", point, option, fields[3]))
			}
		}
	}
	return problems
}

var kernelLine = regexp.MustCompile(`(?m)^[ \t]*linux(?:16|efi)?[ \t]+(\S+)[ \t]*(.*)$`)
var initrdLine = regexp.MustCompile(`(?m)^[ \t]*initrd(?:16|efi)?[ \t]+(\S+)`)

// lookAtBoot reads grub.cfg, as GRUB does: what it says is what the kernel is told.
func (a *audited) lookAtBoot() (problems []string) {
	const file = "/boot/grub/grub.cfg"
	text := a.file(file)
	lines := kernelLine.FindAllStringSubmatch(text, -1)
	if len(lines) == 0 {
		return []string{file + ": must start a kernel, and has no line linux"}
	}
	for _, m := range append(lines, initrdLine.FindAllStringSubmatch(text, -1)...) {
		if path := m[1]; !a.leads(path) && !a.leads("boot/"+path) {
			problems = append(problems, fmt.Sprintf("%s: %s: is not there", file, path))
		}
	}
	for _, m := range lines {
		problems = append(problems, a.lookAtOptions(file, strings.Fields(m[2]))...)
	}
	if a.want.isReadOnlyRoot() && !slices.ContainsFunc(a.entries, func(one *entry) bool { return one.path == firstProcess && one.mode.Perm() == 0o755 }) {
		problems = append(problems, firstProcess+": must be there with mode 0755: the kernel starts it")
	}
	return problems
}

// leads tells whether a path ends at something, also through links.
func (a *audited) leads(path string) bool {
	_, err := os.Stat(filepath.Join(a.root, path))
	return err == nil
}

func (a *audited) lookAtOptions(file string, options []string) (problems []string) {
	root, first := "", ""
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "root":
			root = value
		case "init":
			first = value
		case "rdinit", "rd.break", "break", "systemd.debug-shell", "systemd.debug_shell", "ds", "cloud-init", "systemd.machine_id", "ip":
			problems = append(problems, fmt.Sprintf("%s: the option %q: opens a shell, or is one machine's", file, option))
		}
	}
	if !regexp.MustCompile(`^(UUID|PARTUUID|LABEL|PARTLABEL)=`).MatchString(root) {
		problems = append(problems, fmt.Sprintf("%s: root=%s: must name the file system by UUID or LABEL", file, root))
	}
	switch want := firstProcess; {
	case a.want.isReadOnlyRoot() && first != want:
		problems = append(problems, fmt.Sprintf("%s: must have init=%s on every line linux, has %q: that makes the root read-only", file, want, first))
	case !a.want.isReadOnlyRoot() && first != "":
		problems = append(problems, fmt.Sprintf("%s: init=%s: only the task file read-only-root sets it", file, first))
	}
	return problems
}
