package ansible

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledProvisioner kills -9 a process that provisions: Ansible must end with it, and the next run must remove the rest.
func TestKilledProvisioner(t *testing.T) {
	if job := os.Getenv(killedJob); job != "" {
		killedProvisioner(t, job)
	}
	t.Parallel()
	t.Run("while a task runs", func(t *testing.T) {
		t.Parallel()
		forever := newSleep(t)
		killProvisioner(t, startGuest(t), "slow", forever.variables(), func() bool { return forever.pid() != 0 })
	})
	t.Run("while Ansible stands still", func(t *testing.T) {
		t.Parallel()
		data, release := startGuest(t), make(chan struct{})
		builder := serveCheckpoints(t, data, func(string) string { <-release; return took })
		killProvisioner(t, data, "one two", variables(t.TempDir()), func() bool { return builder.String() == "one" })
		close(release)
	})
}

func killProvisioner(t *testing.T, data map[string]any, tasks, variables string, ready func() bool) {
	tmp, err := os.MkdirTemp("", "killed-")
	check(t, err)
	defer func() { _ = os.RemoveAll(tmp) }()
	job, err := json.Marshal(map[string]any{"guest": data, "tasks": strings.Fields(tasks), "variables": variables})
	check(t, err)
	victim := exec.Command(os.Args[0], "-test.run=^TestKilledProvisioner$")
	victim.Env = append(os.Environ(), killedJob+"="+string(job), "TMPDIR="+tmp)
	check(t, victim.Start())
	eventually(t, "it is time to kill it", ready)
	check(t, victim.Process.Kill())
	_ = victim.Wait()
	eventually(t, "Ansible ends by itself", func() bool {
		for _, pid := range processesOf(tmp) {
			if !isMaster(pid) {
				return false
			}
		}
		return true
	})
	dirs, err := filepath.Glob(tmp + "/" + workspacePrefix + "*")
	if check(t, err); len(dirs) != 1 {
		t.Fatalf("want the one abandoned workspace, got %v", dirs)
	}
	removeAbandoned(tmp)
	if _, err := os.Stat(dirs[0]); err != nil {
		t.Error("a young workspace was removed: another build may be about to lock it")
	}
	past := time.Now().Add(-time.Hour)
	check(t, os.Chtimes(dirs[0], past, past))
	removeAbandoned(tmp)
	check(t, nothingIsLeft(tmp))
}

// killedJob is the variable by which the victim knows that it is one.
const killedJob = "TEST_KILLED_JOB"

// killedProvisioner runs until it is killed.
func killedProvisioner(t *testing.T, text string) {
	var job struct {
		Guest     map[string]any
		Tasks     []string
		Variables string
	}
	check(t, json.Unmarshal([]byte(text), &job))
	p := newProvisioner(t, map[string]any{"tasks": job.Tasks, "variables": job.Variables})
	ui, _ := newUI()
	t.Fatal(p.Provision(t.Context(), ui, nil, job.Guest))
}

// isMaster tells ssh's master connection, which lives on for a minute.
func isMaster(pid int) bool {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return errors.Is(err, os.ErrNotExist) || strings.HasPrefix(string(content), "ssh: ")
}

func TestRemoveAbandonedLeavesALockedWorkspace(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir := filepath.Join(base, workspacePrefix+"1")
	check(t, os.Mkdir(dir, 0o700))
	check(t, os.WriteFile(filepath.Join(dir, inventoryFile), nil, 0o600))
	lock, err := lockDirectory(dir)
	check(t, err)
	past := time.Now().Add(-time.Hour)
	check(t, os.Chtimes(dir, past, past))
	removeAbandoned(base)
	if _, err := os.Stat(dir); err != nil {
		t.Error("the workspace of a run that goes on was removed")
	}
	check(t, lock.Close())
	removeAbandoned(base)
	check(t, nothingIsLeft(base))
}

// TestRemoveAbandonedLeavesOthersAlone keeps folders that only look like a workspace.
func TestRemoveAbandonedLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	past := time.Now().Add(-time.Hour)
	for _, name := range []string{workspacePrefix + "notes", workspacePrefix + "123"} { // no name of ours; no inventory
		dir := filepath.Join(base, name)
		check(t, os.Mkdir(dir, 0o700))
		check(t, os.Chtimes(dir, past, past))
		removeAbandoned(base)
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("%s was removed", name)
		}
	}
}
