package verify

import (
	"fmt"
	"regexp"
	"strings"
)

// sudoRule are the lines that Debian and Ubuntu ship. Who may become root on a machine is deployment's to say.
var sudoRule = regexp.MustCompile(`^(root\s+ALL=\(ALL(:ALL)?\) ALL|%(sudo|admin)\s+ALL=\(ALL(:ALL)?\) ALL|[@#]includedir /etc/sudoers\.d|` +
	`Defaults\s+(env_reset|mail_badpass|use_pty|!?fqdn|secure_path="[a-z/:]+"|env_keep[^!]*))$`)

func (a *audited) lookAtSudo() (problems []string) {
	for _, one := range a.entries {
		folder := strings.HasPrefix(one.path, "/etc/sudoers.d/")
		switch {
		case one.path != "/etc/sudoers" && !folder:
			continue
		case folder && !a.packages.owned[one.path]:
			problems = append(problems, one.path+": no package has it; who may use sudo is deployment's to say")
		}
		if one.mode.Perm()&0o037 != 0 || one.uid != 0 || one.gid != 0 {
			problems = append(problems, fmt.Sprintf("%s: must be root's and no more than 0440, is %s %d:%d", one.path, one.mode, one.uid, one.gid))
		}
		text := strings.ReplaceAll(a.file(one.path), "\\\n", " ")
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if isComment := strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "#include"); line != "" && !isComment && !sudoRule.MatchString(line) {
				problems = append(problems, fmt.Sprintf("%s: %q: is no line of the distribution", one.path, line))
			}
		}
	}
	return problems
}
