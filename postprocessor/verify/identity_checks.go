package verify

import (
	"fmt"
	"regexp"
	"slices"
)

var machineID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// hasIdentity looks for all that a machine makes of its own at its first boot.
func (i identity) hasIdentity(phase string, g *guest) Check {
	c := Check{Phase: phase, Name: "an identity was made"}
	if id := i.one("machine-id"); !machineID.MatchString(id) {
		c.Problems = append(c.Problems, fmt.Sprintf("/etc/machine-id: must have 32 hexadecimal digits, has %q", id))
	}
	if len(i["host-key"]) == 0 {
		c.Problems = append(c.Problems, "/etc/ssh: must have host keys, has none")
	}
	if !i.hasUser(g.config.User) {
		c.Problems = append(c.Problems, fmt.Sprintf("/etc/passwd: must have the user %s, whom cloud-init was told to make", g.config.User))
	}
	if len(i["instance"]) == 0 || len(i["module"]) == 0 {
		c.Problems = append(c.Problems, "/var/lib/cloud: must say what cloud-init did for this instance, and says nothing")
	}
	return c
}

// isKept compares a machine with what it was before a reboot.
func (i identity) isKept(before identity) []Check {
	restarted := Check{Phase: phaseReboot, Name: "the machine was started again"}
	if i.one("boot-id") == before.one("boot-id") {
		restarted.Problems = []string{"boot_id: must be another one after a reboot, is still " + i.one("boot-id")}
	}
	checks := []Check{restarted}
	for _, kept := range []struct{ name, key string }{
		{"the machine-id is the same", "machine-id"},
		{"the host keys are the same", "host-key"},
		{"the users are the same", "user"},
		{"cloud-init knows its instance", "instance"},
		{"cloud-init did not start over", "module"},
	} {
		checks = append(checks, Check{Phase: phaseReboot, Name: kept.name, Problems: difference(kept.key, before[kept.key], i[kept.key])})
	}
	return checks
}

// difference names what is gone and what is new.
func difference(key string, before, after []string) (problems []string) {
	for _, value := range before {
		if !slices.Contains(after, value) {
			problems = append(problems, fmt.Sprintf("%s: gone after the reboot: %s", key, value))
		}
	}
	for _, value := range after {
		if !slices.Contains(before, value) {
			problems = append(problems, fmt.Sprintf("%s: new after the reboot: %s", key, value))
		}
	}
	return problems
}

// isAnother compares two machines that were made from the same file.
func (i identity) isAnother(first identity) []Check {
	var checks []Check
	for _, own := range []struct{ name, key string }{{"the machine-id is another", "machine-id"}, {"the host keys are others", "host-key"}} {
		c := Check{Phase: phaseAnother, Name: own.name}
		for _, value := range i[own.key] {
			if slices.Contains(first[own.key], value) {
				c.Problems = append(c.Problems, fmt.Sprintf("%s: must differ between two machines, is %s on both", own.key, value))
			}
		}
		checks = append(checks, c)
	}
	return checks
}
