package ansible

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// endProcessesOf ends every process of this user that names dir in its environment or command line: workers of Ansible that left
// its process group, and ssh's master connection, which leaves it by design and writes its title over its environment.
func endProcessesOf(dir string) error {
	signal := syscall.SIGTERM
	for deadline := time.Now().Add(4 * time.Second); ; {
		pids := processesOf(dir)
		if len(pids) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("ending what Ansible left running: process %v does not end; run: kill -9 %d", pids, pids[0])
		}
		if time.Until(deadline) < 2*time.Second {
			signal = syscall.SIGKILL
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, signal) // already gone is fine
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// processesOf leaves out this process, and zombies, which have neither a command line nor an environment.
func processesOf(dir string) []int {
	var pids []int
	found, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range found {
		pid, _ := strconv.Atoi(filepath.Base(process))
		if pid != os.Getpid() && (mentions(process+"/cmdline", dir) || mentions(process+"/environ", dir)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func mentions(file, text string) bool {
	content, err := os.ReadFile(file)
	return err == nil && bytes.Contains(content, []byte(text+"/"))
}
