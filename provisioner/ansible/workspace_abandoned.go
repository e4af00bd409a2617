package ansible

import (
	"log"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// removeAbandoned removes the workspaces of runs that were killed: ours, older than a moment, and locked by nobody.
// What Ansible they left running is ended with them. A failure is only logged: it is no reason to fail this build.
func removeAbandoned(base string) {
	found, _ := filepath.Glob(filepath.Join(base, workspacePrefix+"*"))
	for _, dir := range found {
		if !abandoned(dir) {
			continue
		}
		lock, err := lockDirectory(dir)
		if err != nil {
			continue // its owner lives
		}
		if err := (&workspace{dir: dir, lock: lock}).close(); err != nil {
			log.Printf("[WARN] removing %s, which a killed build left: %v", dir, err)
		}
	}
}

// madeByUs is the form that os.MkdirTemp gives a name.
var madeByUs = regexp.MustCompile(`^` + workspacePrefix + `[0-9]+$`)

// abandoned leaves alone what only looks like a workspace, and young folders: one that was made just now is not locked yet.
func abandoned(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, inventoryFile)); err != nil || !madeByUs.MatchString(filepath.Base(dir)) {
		return false
	}
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || time.Since(info.ModTime()) < time.Minute {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Getuid()
}
