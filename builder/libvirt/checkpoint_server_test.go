package libvirt

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ask sends one line to the socket and returns the answer.
func ask(t *testing.T, path, line string) string {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(line + "\n")); err != nil {
		t.Fatal(err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatalf("no answer to %s: %v", line, err)
	}
	return strings.TrimSpace(answer)
}

func TestCheckpointServer(t *testing.T) {
	path, release := filepath.Join(t.TempDir(), "socket"), make(chan struct{})
	server, err := serveCheckpoints(t.Context(), path, func(_ context.Context, task string) error {
		switch task {
		case "slow":
			<-release
		case "bad":
			return errors.New("the guest has no sudo")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can connect: %v, %v", info.Mode(), err)
	}
	if got := ask(t, path, `{"task": "packages"}`); !strings.HasPrefix(got, `{"seconds":0`) {
		t.Errorf("got %s", got)
	}
	if got := ask(t, path, `{"task": "bad"}`); got != `{"error":"the guest has no sudo"}` {
		t.Errorf("got %s", got)
	}
	if got := ask(t, path, `hello`); !strings.HasPrefix(got, `{"error":"reading the request: `) {
		t.Errorf("got %s", got)
	}
	slow := make(chan string)
	go func() { slow <- ask(t, path, `{"task": "slow"}`) }()
	for server.busy.TryLock() { // until the slow one has begun
		server.busy.Unlock()
		time.Sleep(time.Millisecond)
	}
	if got := ask(t, path, `{"task": "packages"}`); got != `{"error":"another checkpoint is being taken"}` {
		t.Errorf("got %s", got)
	}
	close(release)
	if got := <-slow; !strings.HasPrefix(got, `{"seconds":`) {
		t.Errorf("got %s", got)
	}
	if took := server.stop(); took <= 0 {
		t.Errorf("all of them took %s", took)
	}
	if _, err := net.Dial("unix", path); err == nil {
		t.Error("still listening")
	}
}

// TestCheckpointServerStops what is under way.
func TestCheckpointServerStops(t *testing.T) {
	path, begun := filepath.Join(t.TempDir(), "socket"), make(chan struct{})
	server, err := serveCheckpoints(t.Context(), path, func(ctx context.Context, _ string) error {
		close(begun)
		<-ctx.Done()
		return context.Cause(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan string)
	go func() { answer <- ask(t, path, `{"task": "packages"}`) }()
	<-begun
	server.stop()
	if got := <-answer; got != `{"error":"context canceled"}` {
		t.Errorf("got %s", got)
	}
}

func TestCheckpointSocketWithALongPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("x", 108))
	if _, err := serveCheckpoints(t.Context(), path, nil); err == nil || !strings.Contains(err.Error(), "a socket's path may have 107 bytes") {
		t.Errorf("got %v", err)
	}
	var none *checkpointServer
	if none.stop() != 0 {
		t.Error("no server took time")
	}
}
