package libvirt

import (
	"strings"
	"testing"
	"time"
)

// TestTimesOfCheckpoints are taken out of the provisioning in which they happen; a cached task file takes no time, and so does an empty phase.
func TestTimesOfCheckpoints(t *testing.T) {
	times := &timings{started: time.Now().Add(-10 * time.Second)}
	times.add("restore", time.Millisecond)
	times.add("provision", 5*time.Second)
	times.move("provision", "checkpoint", 2*time.Second)
	times.move("provision", "nothing", 0)
	table := times.render([]taskTime{{Task: "packages", Cached: true}, {Task: "tools", Seconds: 2.5, CheckpointSeconds: 2}})
	text := strings.Join(strings.Fields(strings.ReplaceAll(table, "│", "")), " ")
	for _, want := range []string{"provision 3.0 30", "task packages cached", "task tools 2.5 25", "checkpoint 2.0 20", "other 5.0 50"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, table)
		}
	}
	for _, no := range []string{"restore", "nothing"} {
		if strings.Contains(text, no) {
			t.Errorf("%q is in\n%s", no, table)
		}
	}
}
