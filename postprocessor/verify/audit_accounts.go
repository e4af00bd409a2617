package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// account is a line of /etc/passwd or /etc/group.
type account struct {
	name   string
	id     uint32
	fields []string
}

func readAccounts(root, name string, fields int) ([]account, error) {
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return nil, err
	}
	var accounts []account
	for line := range strings.Lines(string(content)) {
		one := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(one) != fields {
			return nil, fmt.Errorf("/%s: %q must have %d fields", name, line, fields)
		}
		id, err := strconv.ParseUint(one[2], 10, 32)
		if err != nil {
			return nil, fmt.Errorf("/%s: %s: %w", name, one[0], err)
		}
		accounts = append(accounts, account{name: one[0], id: uint32(id), fields: one})
	}
	return accounts, nil
}

// lookAtUsers lets no login account through, whatever is declared: those belong to deployment. 65534 is nobody.
func (a *audited) lookAtUsers() []string {
	problems := undeclared("/etc/passwd: user", a.users, a.declared.Users)
	for _, user := range a.users {
		switch {
		case user.id >= 1000 && user.id != 65534:
			problems = append(problems, fmt.Sprintf("/etc/passwd: user %s: its number %d is a login account's; users belong to deployment", user.name, user.id))
		case user.id == 0 && user.name != "root":
			problems = append(problems, fmt.Sprintf("/etc/passwd: user %s: is another root", user.name))
		}
	}
	return problems
}

func (a *audited) lookAtGroups() []string {
	problems := undeclared("/etc/group: group", a.groups, a.declared.Groups)
	for _, group := range a.groups {
		if group.id >= 1000 && group.id != 65534 {
			problems = append(problems, fmt.Sprintf("/etc/group: group %s: its number %d is a login account's", group.name, group.id))
		}
		for member := range strings.SplitSeq(group.fields[3], ",") {
			switch {
			case member == "":
			case slices.Contains(rootLike, group.name):
				problems = append(problems, fmt.Sprintf("/etc/group: group %s: its member %s becomes root with it; it must have none", group.name, member))
			case !slices.ContainsFunc(a.users, func(user account) bool { return user.name == member }):
				problems = append(problems, fmt.Sprintf("/etc/group: group %s: its member %s is no user of the image", group.name, member))
			}
		}
	}
	return problems
}

// rootLike groups are as good as root.
var rootLike = []string{"root", "sudo", "admin", "wheel", "shadow", "disk", "kmem", "docker", "lxd", "libvirt"}

func undeclared(what string, accounts []account, declared []string) (problems []string) {
	seen := map[string]bool{}
	ids := map[uint32]string{}
	for _, one := range accounts {
		if !slices.Contains(declared, one.name) {
			problems = append(problems, fmt.Sprintf("%s %s: is declared neither for the distribution nor by a task file; remove it, or declare it in ansible/declares", what, one.name))
		}
		if seen[one.name] || ids[one.id] != "" {
			problems = append(problems, fmt.Sprintf("%s %s: its name or its number %d is there twice", what, one.name, one.id))
		}
		seen[one.name], ids[one.id] = true, one.name
	}
	return problems
}

// lookAtPasswords wants every account locked, and nobody with ranges of subordinate numbers.
func (a *audited) lookAtPasswords() (problems []string) {
	for _, user := range a.users {
		if user.fields[1] != "x" {
			problems = append(problems, fmt.Sprintf("/etc/passwd: %s: its password is not in /etc/shadow but here", user.name))
		}
	}
	for _, file := range []string{"etc/shadow", "etc/gshadow"} {
		for line := range strings.Lines(a.file(file)) {
			fields := strings.Split(strings.TrimSuffix(line, "\n"), ":")
			if len(fields) < 4 {
				problems = append(problems, fmt.Sprintf("/%s: a line has %d fields", file, len(fields)))
			} else if isLocked := strings.HasPrefix(fields[1], "!") || strings.HasPrefix(fields[1], "*"); !isLocked && file == "etc/shadow" {
				problems = append(problems, fmt.Sprintf("/etc/shadow: %s: has a password, or needs none; lock it", fields[0]))
			} else if !isLocked && fields[1] != "" {
				problems = append(problems, fmt.Sprintf("/etc/gshadow: %s: has a password", fields[0]))
			}
		}
	}
	for _, file := range []string{"etc/subuid", "etc/subgid"} {
		if text := strings.TrimSpace(a.file(file)); text != "" {
			problems = append(problems, fmt.Sprintf("/%s: %q: is somebody's; ranges come with the users of a deployment", file, text))
		}
	}
	return problems
}
