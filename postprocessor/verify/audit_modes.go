package verify

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// lookAtPrivileged wants every file that gives its user more rights to be declared, with exactly these rights.
func (a *audited) lookAtPrivileged() (problems []string) {
	for _, one := range a.entries {
		if one.mode.IsRegular() && one.mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
			problems = append(problems, a.undeclaredRight(fmt.Sprintf("%04o %s:%s %s", unixMode(one.mode), a.user(one.uid), a.group(one.gid), one.path))...)
		}
		if one.capabilities != "" {
			problems = append(problems, a.undeclaredRight(one.capabilities+" "+one.path)...)
		}
	}
	return problems
}

func (a *audited) undeclaredRight(right string) []string {
	if slices.Contains(a.declared.Privileged, right) {
		return nil
	}
	path := right[strings.LastIndex(right, " ")+1:]
	declared := "nothing"
	for _, other := range a.declared.Privileged {
		if strings.HasSuffix(other, " "+path) {
			declared = other
		}
	}
	return []string{fmt.Sprintf("%s: gives rights that are not declared: it is %q, declared is %s; take them away, or declare them in ansible/declares", path, right, declared)}
}

func (a *audited) lookAtWorldWritable() (problems []string) {
	for _, one := range a.entries {
		switch {
		case one.mode&fs.ModeSymlink != 0 || one.mode.Perm()&0o002 == 0:
		case !slices.Contains(a.declared.WorldWritable, one.path):
			problems = append(problems, fmt.Sprintf("%s: everybody may write to it (%s); no declaration has it", one.path, one.mode))
		case one.mode.IsDir() && one.mode&fs.ModeSticky == 0:
			problems = append(problems, fmt.Sprintf("%s: everybody may delete the files of others there (%s); it must be sticky", one.path, one.mode))
		}
	}
	return problems
}

// ownedElsewhere are directories below /etc and /usr that packages give to their own user.
var ownedElsewhere = regexp.MustCompile(`^/(etc|usr/share|usr/lib)/(polkit-1/(rules\.d|localauthority)|landscape)(/|$)`)

// lookAtOwners looks for owners without a name, and at what root reads or runs.
func (a *audited) lookAtOwners() (problems []string) {
	secret := map[string]fs.FileMode{"/etc/shadow": 0o640, "/etc/gshadow": 0o640, "/root": 0o700, "/etc/sudoers.d": 0o755, "/etc/ssh/sshd_config": 0o644}
	for _, one := range a.entries {
		user, group := a.user(one.uid), a.group(one.gid)
		if user == "" || group == "" {
			problems = append(problems, fmt.Sprintf("%s: belongs to %d:%d, and one of them has no name in the image", one.path, one.uid, one.gid))
		}
		ofRoot := inFolders(one.path, "/usr", "/etc", "/boot") && !ownedElsewhere.MatchString(one.path)
		switch {
		case ofRoot && one.uid != 0:
			problems = append(problems, fmt.Sprintf("%s: belongs to %s (%d); below /usr, /etc and /boot all belongs to root", one.path, user, one.uid))
		case ofRoot && one.gid != 0 && one.mode&fs.ModeSymlink == 0 && one.mode.Perm()&0o020 != 0:
			problems = append(problems, fmt.Sprintf("%s: its group %s may write to it (%s); below /usr, /etc and /boot only root may", one.path, group, one.mode))
		}
		if ofRoot && one.hasACL {
			problems = append(problems, one.path+": has an access control list; below /usr, /etc and /boot the mode must say it all")
		}
		if most, is := secret[one.path]; is && one.mode.Perm()&^most != 0 {
			problems = append(problems, fmt.Sprintf("%s: must be no more than %04o, is %s", one.path, most, one.mode))
		}
	}
	return problems
}

// lookAtTypes looks for what is neither file, folder nor link. In /dev the kernel makes them.
func (a *audited) lookAtTypes() (problems []string) {
	for _, one := range a.entries {
		if special := one.mode.Type() &^ (fs.ModeDir | fs.ModeSymlink); special != 0 {
			problems = append(problems, fmt.Sprintf("%s: is no file, folder or link (%s); such things are made on a running machine", one.path, one.mode))
		}
	}
	return problems
}

func (a *audited) user(id uint32) string  { return nameOf(a.users, id) }
func (a *audited) group(id uint32) string { return nameOf(a.groups, id) }

func nameOf(accounts []account, id uint32) string {
	for _, one := range accounts {
		if one.id == id {
			return one.name
		}
	}
	return ""
}

func inFolders(path string, folders ...string) bool {
	for _, folder := range folders {
		if path == folder || strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

// unixMode has the three bits where chmod has them.
func unixMode(mode fs.FileMode) uint32 {
	bits := uint32(mode.Perm())
	for flag, bit := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if mode&flag != 0 {
			bits |= bit
		}
	}
	return bits
}
