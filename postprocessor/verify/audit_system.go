package verify

import (
	"fmt"
	"maps"
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
