package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// audited is a tree that was read, with what it may have.
type audited struct {
	root         string
	want         expectations
	distribution string // debian-13
	declared     declaration
	packages     *packages
	entries      []*entry
	users        []account
	groups       []account
}

// treeChecks are all of them; their order is that of the report.
var treeChecks = []struct {
	name string
	look func(*audited) []string
}{
	{"the distribution is a known one", (*audited).lookAtDistribution},
	{"nothing that must be absent", (*audited).lookForAbsent},
	{"nothing below mount points", (*audited).lookBelowMounts},
	{"top-level names are the system's", (*audited).lookAtTop},
	{"machine-id is there and empty", (*audited).lookAtMachineID},
	{"no host name, address or name server", (*audited).lookAtNetwork},
	{"users are declared", (*audited).lookAtUsers},
	{"groups are declared", (*audited).lookAtGroups},
	{"nobody can log in", (*audited).lookAtPasswords},
	{"sudo is the distribution's", (*audited).lookAtSudo},
	{"privileged files are declared", (*audited).lookAtPrivileged},
	{"world-writable files are declared", (*audited).lookAtWorldWritable},
	{"what root runs belongs to root", (*audited).lookAtOwners},
	{"no devices, pipes or sockets", (*audited).lookAtTypes},
	{"no private keys", (*audited).lookAtKeys},
	{"no authorized keys", (*audited).lookAtLogins},
	{"no trace of the build", (*audited).lookAtTraces},
	{"no log has content", (*audited).lookAtLogs},
	{"no package lists or caches", (*audited).lookAtCaches},
	{"no package is half installed", (*audited).lookAtPackages},
	{"files of packages are unchanged", (*audited).lookAtSums},
	{"units are of packages, and there", (*audited).lookAtUnits},
	{"scheduled jobs are of packages", (*audited).lookAtJobs},
	{"fstab", (*audited).lookAtFstab},
	{"kernel and its command line", (*audited).lookAtBoot},
	{"nothing of the build in the initramfs", (*audited).lookAtInitramfs},
	{"/etc is as it was sealed", (*audited).lookAtSealedEtc},
}

// auditTree looks at a root file system. It changes nothing, and works on any directory that root can read.
func auditTree(ctx context.Context, t tree, want expectations) []Check {
	a := &audited{root: t.root, want: want}
	reading := check("every file can be read", func() []string {
		if err := a.read(ctx); err != nil {
			return []string{strings.ReplaceAll(err.Error(), t.root+"/", "/")}
		}
		return nil
	})
	if len(reading.Problems) > 0 {
		return []Check{reading}
	}
	checks := []Check{reading}
	for _, one := range treeChecks {
		checks = append(checks, check(one.name, func() []string { return one.look(a) }))
	}
	return checks
}

func (a *audited) read(ctx context.Context) (err error) {
	if a.distribution, err = distribution(a.root); err != nil {
		return err
	}
	a.declared = a.want.on(a.distribution)
	if a.users, err = readAccounts(a.root, "etc/passwd", 7); err != nil {
		return err
	}
	if a.groups, err = readAccounts(a.root, "etc/group", 4); err != nil {
		return err
	}
	if a.packages, err = readPackages(a.root); err != nil {
		return err
	}
	a.entries, err = scan(ctx, a.root, a.want, a.packages)
	return err
}

var osRelease = regexp.MustCompile(`(?m)^(ID|VERSION_ID)="?([^"\n]*)"?$`)

// distribution returns the name as ansible/vars has it, from os-release.
func distribution(root string) (string, error) {
	content, err := os.ReadFile(filepath.Join(root, "usr/lib/os-release"))
	if err != nil {
		return "", err
	}
	values := map[string]string{}
	for _, m := range osRelease.FindAllStringSubmatch(string(content), -1) {
		values[m[1]] = m[2]
	}
	return values["ID"] + "-" + values["VERSION_ID"], nil
}

func (a *audited) lookAtDistribution() []string {
	if _, known := a.want.declared.Distributions[a.distribution]; !known {
		return []string{fmt.Sprintf("/usr/lib/os-release: %s: nothing is declared for it: write ansible/declares/%[1]s.yaml", a.distribution)}
	}
	return nil
}

// file returns a file of the tree as text, or "" when there is none; a link is not followed.
func (a *audited) file(name string) string {
	path := filepath.Join(a.root, name)
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	content, _ := os.ReadFile(path)
	return string(content)
}
