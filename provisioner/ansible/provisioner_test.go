package ansible

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// provision applies tasks of testdata/tree to a guest and returns what the user saw and got.
func provision(t *testing.T, ctx context.Context, data map[string]any, config map[string]any) (shown string, err error) {
	t.Helper()
	p := newProvisioner(t, config)
	ui, out := newUI()
	err = p.Provision(ctx, ui, nil, data)
	if out := out.String() + fmt.Sprint(err) + readLog(t, data); strings.Contains(out, "s3cret") || strings.Contains(out, "PRIVATE KEY") {
		t.Errorf("a secret is shown or logged:\n%s", out)
	}
	return steady(out.String()), err
}

func newProvisioner(t *testing.T, config map[string]any) *Provisioner {
	t.Helper()
	config["ansible_directory"] = "testdata/tree"
	p := &Provisioner{}
	check(t, p.Prepare(config))
	return p
}

func readLog(t *testing.T, data map[string]any) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(data["IngotBuildDirectory"].(string), "ansible.log"))
	check(t, err)
	return string(content)
}

func readReport(t *testing.T, data map[string]any) string {
	t.Helper()
	var out []string
	for _, f := range reported(t, data) {
		if f.Cached && f.Seconds == 0 {
			out = append(out, f.Task+" cached")
			continue
		}
		out = append(out, fmt.Sprintf("%s changed=%d ok=%d failed=%t", f.Task, f.Changed, f.OK, f.Failed))
	}
	return strings.Join(out, "\n")
}

func reported(t *testing.T, data map[string]any) []taskFile {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(data["IngotBuildDirectory"].(string), "tasks.json"))
	check(t, err)
	var files []taskFile
	check(t, json.Unmarshal(content, &files))
	return files
}

func TestProvisionAppliesTheTaskFiles(t *testing.T) {
	t.Parallel()
	data := startGuest(t)
	scratch := t.TempDir()
	shown, err := provision(t, t.Context(), data, map[string]any{
		"tasks":     []string{"first", "second"},
		"variables": fmt.Sprintf(`{"greeting": "world", "scratch": %q}`, scratch),
	})
	check(t, err)
	equal(t, shown, `Applying build.yaml with ansible-core V
first: Validating arguments against arg spec 'first' - Tasks of every outcome … ok (T)
first: Greet with world … changed (T)
first: Loop quietly … ok (T)
first: Never run … skipped (T)
first: Fail and go on … failed, ignored (T)
first: Remember the greeting … changed (T)
second: Send a file … changed (T)
second: Fail for once … failed (T)
  at tasks/second.yaml:11
  non-zero return code
  exit status: 1
second: Go on after it … ok (T)
`)
	equal(t, readReport(t, data), "first changed=2 ok=4 failed=false\nsecond changed=1 ok=2 failed=false")
	if _, err := os.Stat(filepath.Join(scratch, "sent")); err != nil {
		t.Error(err)
	}
	if log := readLog(t, data); !strings.Contains(log, "PLAY RECAP") || strings.Contains(log, "WARNING") {
		t.Errorf("the log is not Ansible's usual output:\n%s", log)
	}
}

func TestProvisionFails(t *testing.T) {
	t.Parallel()
	stranger := func(data map[string]any) { _, data["SSHHostKey"] = writeKey(t, t.TempDir(), "stranger") }
	for _, tc := range []struct {
		name   string
		config map[string]any
		change func(map[string]any)
		want   string // LOG stands for the log's path
		shown  string
		report string
	}{
		{
			name: "a task fails item by item",
			config: map[string]any{
				"tasks": []string{"broken"}, "variables": `{"password": "s3cret words"}`, "sensitive_variables": []string{"password"},
				"extra_arguments": []string{"-vvv"},
			},
			want: `ansible_directory: applying task "broken" to the guest: failed at task "Break item by item" (tasks/broken.yaml:9): ` +
				`non-zero return code: broken left of <sensitive>; see LOG`,
			shown: `Applying build.yaml with ansible-core V
broken: Fail in secret and go on … failed, ignored (T)
broken: Break item by item … failed (T)
  at tasks/broken.yaml:9
  non-zero return code
  exit status: 3
  stderr: broken left of <sensitive>
  stdout: the output
  non-zero return code
  exit status: 3
  stderr: broken right of <sensitive>
  stdout: the output
`,
			report: "broken changed=0 ok=0 failed=true",
		},
		{
			name: "the guest shows another host key", config: map[string]any{"tasks": []string{"slow"}, "variables": `{"forever": "1"}`}, change: stranger,
			want: `ansible_directory: applying task "slow" to the guest: failed at task "Take forever" (tasks/slow.yaml:3): ` +
				`something that does not have this build's host key answers at the guest's address; see LOG`,
			shown: `Applying build.yaml with ansible-core V
slow: Take forever … unreachable (T)
  at tasks/slow.yaml:3
  something that does not have this build's host key answers at the guest's address
`,
			report: "slow changed=0 ok=0 failed=true",
		},
		{
			name: "the playbook is for another host", config: map[string]any{"playbook": "nothing.yaml", "tasks": []string{"first", "second"}},
			want: `tasks: nothing.yaml ended without applying "first", "second"; it must be for hosts: image and include tasks/<name>.yaml ` +
				`for each of ingot_tasks; see LOG`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			data := startGuest(t)
			if tc.change != nil {
				tc.change(data)
			}
			shown, err := provision(t, t.Context(), data, tc.config)
			equal(t, strings.ReplaceAll(fmt.Sprint(err), data["IngotBuildDirectory"].(string)+"/ansible.log", "LOG"), tc.want)
			if tc.shown != "" {
				equal(t, shown, tc.shown)
			}
			if tc.report != "" {
				equal(t, readReport(t, data), tc.report)
			}
		})
	}
}

func TestProvisionShowsWhatAnsibleCannotRead(t *testing.T) {
	t.Parallel()
	data := startGuest(t)
	_, err := provision(t, t.Context(), data, map[string]any{"playbook": "unreadable.playbook"})
	if err == nil || !strings.HasPrefix(err.Error(), "playbook: running unreadable.playbook on the guest: ansible-playbook ended with exit status") ||
		!strings.Contains(err.Error(), "tsaks") {
		t.Errorf("got %v", err)
	}
}

func TestProvisionIsCancelledWithinSeconds(t *testing.T) {
	t.Parallel()
	data := startGuest(t)
	ctx, cancel := context.WithCancel(t.Context())
	forever := newSleep(t)
	var cancelled time.Time
	go func() {
		for forever.pid() == 0 && ctx.Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		cancelled = time.Now()
		cancel()
	}()
	_, err := provision(t, ctx, data, map[string]any{"tasks": []string{"slow"}, "variables": forever.variables()})
	if took := time.Since(cancelled); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	equal(t, fmt.Sprint(err), `ansible_directory: applying task "slow" to the guest: cancelled at task "Take forever"; see `+
		data["IngotBuildDirectory"].(string)+"/ansible.log")
	equal(t, readReport(t, data), "slow changed=0 ok=0 failed=true")
}

// sleep is the guest's process, which is one of this machine, found by the odd time that it sleeps.
type sleep string

func newSleep(t *testing.T) sleep {
	s := sleep(fmt.Sprintf("300.%d", time.Now().UnixNano()))
	t.Cleanup(func() {
		if pid := s.pid(); pid != 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	return s
}

func (s sleep) variables() string { return fmt.Sprintf(`{"forever": %q}`, s) }

func (s sleep) pid() int {
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range found {
		if content, _ := os.ReadFile(file); string(content) == "sleep\x00"+string(s)+"\x00" {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			return pid
		}
	}
	return 0
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
