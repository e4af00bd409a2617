package ansible

import (
	"fmt"
	"strings"
	"testing"
)

func TestTasksDoneAreLeftOut(t *testing.T) {
	t.Parallel()
	data, scratch := startGuest(t), t.TempDir()
	data["IngotTasksDone"] = `["one", "unknown"]`
	builder := serveCheckpoints(t, data, func(string) string { return took })
	config := map[string]any{"tasks": []string{"one", "two", "first"}, "variables": fmt.Sprintf(`{"scratch": %q, "greeting": "g"}`, scratch)}
	for range 2 { // the second is another try of the same build
		shown, err := provision(t, t.Context(), data, config)
		check(t, err)
		if !strings.HasPrefix(shown, "one … cached\n") || strings.Contains(shown, "one: ") {
			t.Errorf("one is not left out:\n%s", shown)
		}
		equal(t, marks(scratch), "two")
		equal(t, builder.String(), "two")
		equal(t, readReport(t, data), "one cached\ntwo changed=1 ok=1 failed=false\nfirst changed=2 ok=4 failed=false")
	}
}

// TestAllTasksAreDone names an Ansible that is not there.
func TestAllTasksAreDone(t *testing.T) {
	t.Parallel()
	data := fakeGuest(t)
	data["IngotTasksDone"], data["IngotCheckpoint"] = `["one", "two"]`, "/no/such/socket"
	p := newProvisioner(t, map[string]any{"ansible_playbook": "no-such-ansible", "tasks": []string{"one", "two"}})
	ui, out := newUI()
	check(t, p.Provision(t.Context(), ui, nil, data))
	equal(t, out.String(), "one … cached\ntwo … cached\n")
	equal(t, readReport(t, data), "one cached\ntwo cached")
}
