package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measure runs the command, and returns how long it took and the processor time, user and system, of all that worked for it: itself, its
// children and theirs, which wait4(2) adds up, and what libvirt's daemons did for it, the guests among it.
func measure(command *exec.Cmd) (wall, cpu time.Duration, err error) {
	stop, done := make(chan struct{}), make(chan map[int]time.Duration)
	before := daemons()
	begin := time.Now()
	if err := command.Start(); err != nil {
		return 0, 0, err
	}
	go watchGuests(stop, done)
	err = command.Wait()
	wall = time.Since(begin)
	close(stop)
	for _, spent := range <-done {
		cpu += spent
	}
	for pid, spent := range daemons() {
		cpu += spent - before[pid]
	}
	usage, _ := command.ProcessState.SysUsage().(*syscall.Rusage)
	return wall, cpu + time.Duration(usage.Utime.Nano()+usage.Stime.Nano()), err
}

// watchGuests remembers the processor time of the guests that libvirt's daemon runs for the benchmark. Nobody here waits for them, so what
// they do in their last quarter of a second is not seen.
func watchGuests(stop chan struct{}, done chan map[int]time.Duration) {
	spent := map[int]time.Duration{}
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		for _, pid := range processes(func(arguments []string) bool {
			return slices.ContainsFunc(arguments, func(a string) bool { return strings.HasPrefix(a, "guest=ingot-bench-") })
		}) {
			spent[pid] = max(spent[pid], spentBy(pid))
		}
		select {
		case <-stop:
			done <- spent
			return
		case <-ticker.C:
		}
	}
}

// daemons are libvirt's, with the processor time of their lives.
func daemons() map[int]time.Duration {
	spent := map[int]time.Duration{}
	for _, pid := range processes(func(arguments []string) bool {
		return slices.Contains([]string{"libvirtd", "virtqemud", "virtlogd"}, filepath.Base(arguments[0]))
	}) {
		spent[pid] = spentBy(pid)
	}
	return spent
}

// processes are those whose arguments match.
func processes(match func(arguments []string) bool) (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is right
	for _, path := range paths {
		content, err := os.ReadFile(path)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && len(content) > 0 && match(strings.Split(string(content), "\x00")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// spentBy is the user and system time of a process and all its threads, 0 when it is gone: fields 14 and 15 of proc_pid_stat(5), in
// hundredths of a second on every Linux.
func spentBy(pid int) time.Duration {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(content[bytes.LastIndexByte(content, ')')+1:]) // the name before may have blanks
	user, _ := strconv.Atoi(string(fields[11]))
	system, _ := strconv.Atoi(string(fields[12]))
	return time.Duration(user+system) * 10 * time.Millisecond
}
