package ansible

import (
	"fmt"
	"io"
	"log"
	"os"
	"testing"
)

// TestMain gives all runs one short temporary folder, and at the end nothing may be left in it.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	must(os.Setenv("ANSIBLE_STDOUT_CALLBACK", "no_such_callback")) // a user's setting must not matter
	must(os.Setenv("ANSIBLE_SSH_ARGS", "-o ProxyCommand=false"))
	if os.Getenv(killedJob) != "" {
		os.Exit(m.Run())
	}
	tmp, err := os.MkdirTemp("/tmp", "it-")
	must(err)
	own := os.TempDir()
	must(os.Setenv("TMPDIR", tmp))
	code := m.Run()
	must(os.Setenv("TMPDIR", own))
	if err := nothingIsLeft(tmp); err != nil && code == 0 {
		fmt.Println(err)
		code = 1
	}
	_ = os.RemoveAll(tmp)
	os.Exit(code)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// nothingIsLeft finds workspaces, and processes that use one.
func nothingIsLeft(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if pids := processesOf(dir); len(entries)+len(pids) > 0 {
		return fmt.Errorf("left behind in %s: %v; processes: %v", dir, entries, pids)
	}
	return nil
}
