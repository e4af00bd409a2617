package libvirt

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestOrphanCleansUp kills the program that started a build, and reads from it no more: the build has to get to its end, although it
// writes all the time, as a progress bar does.
func TestOrphanCleansUp(t *testing.T) {
	if done := os.Getenv("INGOT_ORPHAN"); done != "" {
		writeUntilOrphaned(done)
		return
	}
	done := filepath.Join(t.TempDir(), "done")
	packer := exec.CommandContext(t.Context(), "sh", "-c", `"$0" -test.run='^TestOrphanCleansUp$' & wait`, os.Args[0])
	packer.Env = append(os.Environ(), "INGOT_ORPHAN="+done)
	output, err := packer.StdoutPipe()
	must(t, err)
	must(t, packer.Start())
	if _, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	must(t, packer.Process.Kill())
	_ = packer.Wait() // closes the pipe
	err = poll(t.Context(), 20*time.Second, 20*time.Millisecond, "the orphan to clean up", func() (bool, error) { return exists(done), nil })
	if err != nil {
		t.Error(err)
	}
}

func writeUntilOrphaned(done string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	go cancelWithPacker(ctx, cancel)
	for time.Sleep(50 * time.Millisecond); ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		fmt.Println("progress")
	}
	_ = os.WriteFile(done, nil, 0o600)
}
