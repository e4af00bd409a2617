package verify

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// isState tells of the places where people and programs keep what is theirs, so that words count that are common elsewhere.
func isState(path string) bool {
	return inFolders(path, "/etc", "/var", "/root", "/home", "/srv", "/opt", "/boot/grub", "/usr") && !theirs.MatchString(path)
}

// theirs are files of packages and of publishers, which may speak of builders as they like, but not of this one.
var theirs = regexp.MustCompile(`^/(var/lib/dpkg/|var/cache/debconf/|usr/local/lib/|usr/lib/modules/|usr/lib/firmware/)|\.pyc$`)

func (a *audited) lookAtKeys() []string { return a.contents("holds a private key") }

// lookAtTraces: the name of the build's machine and its user's home are in no file at all; the bare word is in none that is not a package's.
func (a *audited) lookAtTraces() []string {
	problems := a.contents("says ")
	for _, one := range a.entries {
		switch {
		case one.builder:
			problems = append(problems, one.path+`: says "builder", the user that builds`)
		case isState(one.path) && !a.packages.owned[one.path] && builder.find([]byte(path.Base(one.path))) != nil:
			problems = append(problems, one.path+": is named after builder, the user that builds")
		}
	}
	return problems
}

func (a *audited) contents(prefix string) (problems []string) {
	for _, one := range a.entries {
		for _, problem := range one.problems {
			if strings.HasPrefix(problem, prefix) {
				problems = append(problems, one.path+": "+problem)
			}
		}
	}
	return problems
}

// lookAtLogins looks for whatever would let somebody in with a key of theirs, on every machine.
func (a *audited) lookAtLogins() (problems []string) {
	for _, one := range a.entries {
		switch {
		case strings.HasPrefix(path.Base(one.path), "authorized_keys") && !a.packages.owned[one.path]:
			problems = append(problems, one.path+": lets somebody in on every machine; keys belong to deployment")
		case one.publicKey:
			problems = append(problems, one.path+": holds somebody's SSH public key")
		}
	}
	for _, one := range a.entries {
		if !one.mode.IsRegular() || one.path != "/etc/ssh/sshd_config" && !strings.HasPrefix(one.path, "/etc/ssh/sshd_config.d/") {
			continue
		}
		if m := sshOption.FindString(a.file(one.path)); m != "" {
			problems = append(problems, fmt.Sprintf("%s: %q: lets in whom the distribution would not", one.path, strings.TrimSpace(m)))
		}
	}
	return problems
}

var sshOption = regexp.MustCompile(`(?mi)^\s*(PermitRootLogin\s+yes|PermitEmptyPasswords\s+yes|PasswordAuthentication\s+yes|` +
	`AuthorizedKeys(File|Command)\s.*|TrustedUserCAKeys\s.*|HostbasedAuthentication\s+yes)`)

func (a *audited) lookAtLogs() (problems []string) {
	for _, one := range a.entries {
		if one.mode.IsRegular() && one.size > 0 && inFolders(one.path, "/var/log", "/var/lib/wtmpdb", "/var/lib/lastlog", "/var/lib/logrotate") {
			problems = append(problems, fmt.Sprintf("%s: has %d bytes; logs begin on each machine", one.path, one.size))
		}
	}
	return problems
}
