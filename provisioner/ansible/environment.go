package ansible

import (
	"path/filepath"
	"slices"
	"strings"
)

// foreign are the beginnings of variables that would let the user's own set-up decide what a build does or shows.
var foreign = []string{"ANSIBLE_", "SSH_", "LC_", "LANG=", "LANGUAGE=", "FORCE_COLOR=", "PY_COLORS=", "INGOT_"}

// environment is inherited, less what is foreign, plus what a run needs. It is the same for every user.
func environment(inherited []string, dir, config string) []string {
	kept := slices.DeleteFunc(slices.Clone(inherited), func(variable string) bool {
		return slices.ContainsFunc(foreign, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
	})
	return append(kept,
		"LC_ALL=C.UTF-8", // Ansible refuses a locale that is not UTF-8
		"NO_COLOR=1",
		"SSH_AUTH_SOCK="+filepath.Join(dir, agentFile), // for what tasks start on this machine, such as rsync
		"INGOT_EVENTS_FD=3",
		"ANSIBLE_CONFIG="+config,
		"ANSIBLE_CALLBACK_PLUGINS="+filepath.Join(dir, filepath.Dir(callbackFile)),
		"ANSIBLE_LOCAL_TEMP="+filepath.Join(dir, "tmp"),
		"ANSIBLE_HOST_KEY_CHECKING=True",
		"ANSIBLE_PIPELINING=True",
		"ANSIBLE_RETRY_FILES_ENABLED=False",
		"ANSIBLE_NOCOLOR=True",
		"ANSIBLE_FORCE_COLOR=False",
		"ANSIBLE_NOCOWS=True",
	)
}
