package verify

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ownUnits are made on Ubuntu by snapd.
var ownUnits = regexp.MustCompile(`^/etc/systemd/system/snap[.-]`)

// lookAtUnits: what is installed is in /usr/lib/systemd; /etc only says what is enabled, by links to units that exist.
func (a *audited) lookAtUnits() (problems []string) {
	for _, one := range a.entries {
		if !inFolders(one.path, "/etc/systemd/system", "/etc/systemd/user") || ownUnits.MatchString(one.path) {
			continue
		}
		switch {
		case one.mode.IsRegular() && !a.packages.owned[one.path]:
			problems = append(problems, one.path+": is a unit that no package has; those of task files are in /usr/lib/systemd")
		case one.mode&fs.ModeSymlink != 0:
			if target := a.target(one.path); target != "/dev/null" && !exists(a.root, target) {
				problems = append(problems, fmt.Sprintf("%s: leads to %s, which is not there", one.path, target))
			}
		}
	}
	return problems
}

// target is where a link leads, seen from the tree's own root.
func (a *audited) target(path string) string {
	target, _ := os.Readlink(filepath.Join(a.root, path))
	if filepath.IsAbs(target) {
		return filepath.Clean(target)
	}
	return filepath.Join(filepath.Dir(path), target)
}

func (a *audited) lookAtJobs() (problems []string) {
	for _, one := range a.entries {
		isJob := strings.HasPrefix(one.path, "/etc/cron") || one.path == "/etc/anacrontab"
		if isJob && !one.mode.IsDir() && !a.packages.owned[one.path] {
			problems = append(problems, one.path+": is a job that no package has")
		}
	}
	return problems
}
