package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// caches are what apt and others can make again. debconf's database is package state; locks are empty.
var caches = regexp.MustCompile(`^/var/(lib/apt/(lists|periodic)/|cache/|lib/dpkg/[^/]*-old$)`)

func (a *audited) lookAtCaches() (problems []string) {
	for _, one := range a.entries {
		isState := strings.HasPrefix(one.path, "/var/cache/debconf/") && strings.HasSuffix(one.path, ".dat")
		if one.mode.IsRegular() && caches.MatchString(one.path) && !isState && (filepath.Base(one.path) != "lock" || one.size > 0) {
			problems = append(problems, one.path+": is a cache or a list of packages; images have none")
		}
	}
	return problems
}

func (a *audited) lookAtPackages() (problems []string) {
	for _, name := range slices.Sorted(maps.Keys(a.packages.states)) {
		problems = append(problems, fmt.Sprintf("/var/lib/dpkg/status: %s: is %q; its installation did not end", name, a.packages.states[name]))
	}
	return problems
}

// excludable may be missing: small images leave them out by dpkg's path-exclude.
var excludable = regexp.MustCompile(`^/usr/share/(doc|doc-base|man|info|locale|lintian|linda|groff|help|gnome/help|omf)/`)

// lookAtSums holds files against the lists that dpkg has of them. Configuration is in none of them.
func (a *audited) lookAtSums() (problems []string) {
	seen := map[string]bool{}
	for _, one := range a.entries {
		want, has := a.packages.md5[one.path]
		if seen[one.path] = true; has && (one.isChanged || one.size == 0 && want != emptyMD5) {
			problems = append(problems, one.path+": is not the file that its package installed")
		}
	}
	for _, path := range slices.Sorted(maps.Keys(a.packages.md5)) {
		if !seen[path] && !excludable.MatchString(path) {
			problems = append(problems, path+": is missing, and its package installed it")
		}
	}
	return problems
}

const emptyMD5 = "d41d8cd98f00b204e9800998ecf8427e"

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

const sums = "usr/lib/read-only-root/etc.sha256"

// lookAtSealedEtc holds /etc, which lies below the overlay of a booted machine, against the list that was made when the image was sealed.
func (a *audited) lookAtSealedEtc() (problems []string) {
	if !exists(a.root, sums) {
		if a.want.isReadOnlyRoot() {
			problems = append(problems, "/"+sums+": is missing: machines tell by it what they changed")
		}
		return problems
	}
	sealed := map[string]string{}
	for line := range strings.Lines(a.file(sums)) {
		if sum, path, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); ok {
			sealed[filepath.Join("/etc", path)] = sum
		}
	}
	for _, one := range a.entries {
		if !one.mode.IsRegular() || !strings.HasPrefix(one.path, "/etc/") {
			continue
		}
		sum := sha256.Sum256([]byte(a.file(one.path)))
		switch want, has := sealed[one.path]; {
		case !has:
			problems = append(problems, one.path+": was added after the image was sealed")
		case want != hex.EncodeToString(sum[:]):
			problems = append(problems, one.path+": was changed after the image was sealed")
		}
		delete(sealed, one.path)
	}
	for _, path := range slices.Sorted(maps.Keys(sealed)) {
		problems = append(problems, path+": was deleted after the image was sealed")
	}
	return problems
}
