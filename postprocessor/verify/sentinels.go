package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// sentinels are files that root writes before a reboot, in each place where a machine keeps what is its own. %[1]s is the user.
var sentinels = []string{"/etc/ingot-sentinel", "/var/lib/ingot-sentinel", "/home/%[1]s/ingot-sentinel", "/root/ingot-sentinel"}

func (g *guest) sentinels() []string {
	var paths []string
	for _, path := range sentinels {
		paths = append(paths, strings.ReplaceAll(path, "%[1]s", g.config.User))
	}
	return paths
}

// writeSentinels writes text, which is plain, into each, and has it on the disk before it returns.
func (g *guest) writeSentinels(ctx context.Context, text string) Check {
	c := Check{Phase: phaseFirst, Name: "what a machine keeps can be written"}
	var script strings.Builder
	for _, path := range g.sentinels() {
		fmt.Fprintf(&script, "echo %s >%s || echo '%[2]s: cannot be written' \n", text, path)
	}
	script.WriteString("sync\n")
	output, err := g.run(ctx, identityLimit, "writing sentinels", script.String())
	if err != nil {
		c.Problems = []string{err.Error()}
	}
	c.Problems = append(c.Problems, strings.FieldsFunc(output, isNewline)...)
	return c
}

// readSentinels looks for each of them after the reboot.
func (g *guest) readSentinels(ctx context.Context, text string) Check {
	c := Check{Phase: phaseReboot, Name: "what was written is still there"}
	var script strings.Builder
	for _, path := range g.sentinels() {
		fmt.Fprintf(&script, "printf '%%s ' %s; cat %[1]s 2>&1\n", path)
	}
	script.WriteString("exit 0\n") // a file that is gone is for the reader to name
	output, err := g.run(ctx, identityLimit, "reading sentinels", script.String())
	if err != nil {
		c.Problems = []string{err.Error()}
		return c
	}
	lines := strings.FieldsFunc(output, isNewline)
	for _, path := range g.sentinels() {
		if !slices.Contains(lines, path+" "+text) {
			c.Problems = append(c.Problems, fmt.Sprintf("%s: must have what was written before the reboot, and has not", path))
		}
	}
	return c
}

func isNewline(r rune) bool { return r == '\n' }
