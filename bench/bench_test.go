package main

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestMeasure counts what a child of the command does.
func TestMeasure(t *testing.T) {
	wall, cpu, err := measure(exec.Command("sh", "-c", "timeout 1 sh -c 'while :; do :; done'; sleep 0.5"))
	if err != nil || wall < 1500*time.Millisecond || cpu < 200*time.Millisecond || cpu > wall {
		t.Errorf("%s, %s of processors, %v", wall, cpu, err)
	}
	if _, _, err := measure(exec.Command("false")); err == nil {
		t.Error("a command that fails was accepted")
	}
}

func TestSpentBy(t *testing.T) {
	for begin := time.Now(); time.Since(begin) < 300*time.Millisecond; { // uses a processor
		_ = math.Sqrt(float64(time.Now().UnixNano()))
	}
	if spent := spentBy(os.Getpid()); spent < 50*time.Millisecond || spent > time.Minute {
		t.Errorf("this process has used %s", spent)
	}
	if spent := spentBy(1 << 30); spent != 0 {
		t.Errorf("a process that is not there has used %s", spent)
	}
}

func TestParts(t *testing.T) {
	r := result{wall: 100 * time.Second, manifest: new(manifest)}
	text := `{"phases": [{"phase": "boot", "seconds": 40}, {"phase": "cloud-init", "seconds": 5}, {"phase": "provision", "seconds": 32},
		{"phase": "shut down", "seconds": 4}, {"phase": "export", "seconds": 15}],
		"tasks": [{"task": "packages", "cached": true}, {"task": "app", "seconds": 20}, {"task": "harden", "seconds": 10}]}`
	if err := json.Unmarshal([]byte(text), r.manifest); err != nil {
		t.Fatal(err)
	}
	if want := (parts{boot: 45, tasks: 30, shutDown: 4, export: 15, overhead: 6}); r.parts() != want {
		t.Errorf("got %+v, want %+v", r.parts(), want)
	}
}
