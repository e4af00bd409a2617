package ansible

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const took = `{"seconds": 0.3}` + "\n"

// marks says which of the marks that testdata/tree's tasks leave are there.
func marks(scratch string) string {
	var found []string
	for _, name := range []string{"one", "part", "handled", "two"} {
		if _, err := os.Stat(filepath.Join(scratch, name)); err == nil {
			found = append(found, name)
		}
	}
	return strings.Join(found, " ")
}

func variables(scratch string) string { return fmt.Sprintf(`{"scratch": %q}`, scratch) }

func TestCheckpointsWhileAnsibleStandsStill(t *testing.T) {
	t.Parallel()
	data, scratch := startGuest(t), t.TempDir()
	var seen []string
	builder := serveCheckpoints(t, data, func(task string) string {
		before := marks(scratch)
		time.Sleep(2 * time.Second)
		seen = append(seen, fmt.Sprintf("%s: %s, later: %s", task, before, marks(scratch)))
		return took
	})
	shown, err := provision(t, t.Context(), data, map[string]any{"tasks": []string{"one", "two", "first"}, "variables": fmt.Sprintf(`{"scratch": %q, "greeting": "g"}`, scratch)})
	check(t, err)
	equal(t, strings.Join(seen, "\n"), "one: one part handled, later: one part handled\ntwo: one part handled two, later: one part handled two")
	equal(t, builder.String(), "one two")
	if second, err := os.Stat(filepath.Join(scratch, "two")); err != nil || second.ModTime().Before(builder.answered[0]) {
		t.Errorf("two began before the answer: %v", err)
	}
	shown, _, _ = strings.Cut(shown, "first: ")
	equal(t, shown, `Applying build.yaml with ansible-core V
one: Work … changed (T)
one: Work in part … changed (T)
one: Leave a mark … changed (T)
one … checkpoint (T)
two: Work … changed (T)
two … checkpoint (T)
`)
	for _, f := range reported(t, data) {
		if last := f.Task == "first"; last != (f.CheckpointSeconds == 0) || !last && (f.CheckpointSeconds < 2 || f.CheckpointSeconds > 3) {
			t.Errorf("%s: its checkpoint took %f s", f.Task, f.CheckpointSeconds)
		}
	}
}

// TestNoCheckpoints has what ends them, or keeps them from being asked for.
func TestNoCheckpoints(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, tasks, answer, asked, shown, fails string
		config                                   map[string]any
	}{
		{name: "the builder cannot", tasks: "one two three", answer: `{"error": "the pool\nis full"}`, asked: "one",
			shown: "one … no checkpoint: the pool is full; the build goes on without"},
		{name: "the builder hangs up", tasks: "one two three", asked: "one",
			shown: "one … no checkpoint: asking the builder: it hung up without an answer; the build goes on without"},
		{name: "one task file", tasks: "one", answer: took},
		{name: "a task fails", tasks: "one broken two", answer: took, asked: "one", fails: `failed at task "Break item by item"`},
		{name: "a task fails and is rescued", tasks: "one second two", answer: took, asked: "one",
			shown: "second … no checkpoint: a task has failed in this run; the build goes on without"},
		{name: "another order", tasks: "one two", answer: took, config: map[string]any{"playbook": "backwards.yaml"},
			shown: "two … no checkpoint: the playbook does not apply the task files in their order; the build goes on without"},
		{name: "one includes another", tasks: "three one two", answer: took, asked: "three one"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			data, scratch := startGuest(t), t.TempDir()
			builder := serveCheckpoints(t, data, func(string) string { return tc.answer })
			config := map[string]any{"tasks": strings.Fields(tc.tasks), "variables": fmt.Sprintf(`{"scratch": %q, "password": "s3cret"}`, scratch)}
			for name, value := range tc.config {
				config[name] = value
			}
			config["sensitive_variables"] = []string{"password"}
			shown, err := provision(t, t.Context(), data, config)
			if (err != nil) != (tc.fails != "") || tc.fails != "" && !strings.Contains(err.Error(), tc.fails) {
				t.Errorf("it ended with %v", err)
			}
			equal(t, builder.String(), tc.asked)
			if !strings.Contains(shown, tc.shown+"\n") || tc.shown == "" && strings.Contains(shown, "no checkpoint") {
				t.Errorf("want %q in:\n%s", tc.shown, shown)
			}
			if tc.name == "one includes another" && strings.Count(shown, "three: ") != 5 {
				t.Errorf("not all of it counts for three:\n%s", shown)
			}
		})
	}
}

// TestCancelledWhileAnsibleStandsStill never gets an answer.
func TestCancelledWhileAnsibleStandsStill(t *testing.T) {
	t.Parallel()
	data, scratch := startGuest(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var cancelled time.Time
	release := make(chan struct{})
	defer close(release)
	serveCheckpoints(t, data, func(string) string {
		cancelled = time.Now()
		cancel()
		<-release
		return took
	})
	_, err := provision(t, ctx, data, map[string]any{"tasks": []string{"one", "two"}, "variables": variables(scratch)})
	if took := time.Since(cancelled); took > 3*time.Second {
		t.Errorf("it took %s to end", took)
	}
	equal(t, strings.ReplaceAll(fmt.Sprint(err), data["IngotBuildDirectory"].(string)+"/ansible.log", "LOG"),
		`ansible_directory: applying task "one" to the guest: cancelled while the builder took the checkpoint after it; see LOG`)
	equal(t, marks(scratch), "one part handled")
	equal(t, readReport(t, data), "one changed=3 ok=3 failed=false")
}

func TestAnEarlierTryEndsCheckpoints(t *testing.T) {
	t.Parallel()
	data, scratch := startGuest(t), t.TempDir()
	builder := serveCheckpoints(t, data, func(string) string { return took })
	check(t, os.WriteFile(filepath.Join(data["IngotBuildDirectory"].(string), "tasks.json"), []byte(`[{"task": "one", "failed": true}]`), 0o600))
	shown, err := provision(t, t.Context(), data, map[string]any{"tasks": []string{"one", "two"}, "variables": variables(scratch)})
	check(t, err)
	equal(t, builder.String(), "")
	if !strings.HasPrefix(shown, "No checkpoints: an earlier try has changed the guest already\n") {
		t.Error(shown)
	}
}

// TestStandingStillCostsNoTaskTime has events with times of their own.
func TestStandingStillCostsNoTaskTime(t *testing.T) {
	t.Parallel()
	data := map[string]any{}
	serveCheckpoints(t, data, func(string) string { return took })
	read, write, err := os.Pipe()
	check(t, err)
	defer func() { _ = read.Close(); _ = write.Close() }()
	ui, _ := newUI()
	p := &progress{
		ui: ui, config: &Config{}, mask: strings.NewReplacer(), report: newReport(""),
		checkpoints: &checkpoints{socket: data["IngotCheckpoint"].(string), left: []string{"one", "two"}, resume: write},
	}
	for _, e := range []event{
		{Kind: "task", At: 10, TaskFile: "one"},
		{Kind: "result", At: 12, TaskFile: "one", Status: "ok"},
		{Kind: "applied", At: 13, Name: "one", Next: "two"},
		{Kind: "task", At: 43, TaskFile: "two"},
		{Kind: "result", At: 44, TaskFile: "two", Status: "ok"},
	} {
		p.apply(t.Context(), e)
	}
	p.report.leave(time.Unix(45, 0))
	equal(t, fmt.Sprint(p.report.files[0].Seconds, p.report.files[1].Seconds), "3 2")
	line := make([]byte, 8)
	n, err := read.Read(line)
	check(t, err)
	equal(t, string(line[:n]), "\n") // Ansible may go on
}

func TestAskForCheckpoint(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		took:                    "<nil>",
		`{"seconds": 0}`:        "<nil>",
		`{}`:                    "asking the builder: its answer has neither seconds nor an error",
		`{"error": "no space"}`: "no space",
		"what?\n":               "asking the builder: invalid character 'w' looking for beginning of value",
		`{"seconds": 0.3, "err`: "asking the builder: unexpected EOF",
	} {
		data := map[string]any{}
		serveCheckpoints(t, data, func(string) string { return answer })
		equal(t, fmt.Sprint(askForCheckpoint(t.Context(), data["IngotCheckpoint"].(string), "one")), want)
	}
	equal(t, fmt.Sprint(askForCheckpoint(t.Context(), "/no/such/socket", "one")),
		"asking the builder: dial unix /no/such/socket: connect: no such file or directory")
}
