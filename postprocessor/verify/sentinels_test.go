package verify

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// TestSentinelsThatAreGone has a real shell answer, on this host, where nobody wrote any.
func TestSentinelsThatAreGone(t *testing.T) {
	g, err := newGuest(serveGuest(t, func(script string) (string, uint32) {
		command := exec.Command("sh")
		command.Stdin = strings.NewReader(script)
		output, err := command.Output()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return string(output), uint32(exit.ExitCode())
		}
		return string(output), 0
	}))
	must(t, err)
	c := g.readSentinels(t.Context(), "text")
	want := []string{"/etc/ingot-sentinel", "/var/lib/ingot-sentinel", "/home/user-1/ingot-sentinel", "/root/ingot-sentinel"}
	if len(c.Problems) != len(want) {
		t.Fatalf("got %q, want one problem for each of %q", c.Problems, want)
	}
	for i, path := range want {
		if !strings.HasPrefix(c.Problems[i], path+": must have what was written") {
			t.Errorf("got %q, want %s named", c.Problems[i], path)
		}
	}
}
