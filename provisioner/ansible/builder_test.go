package ansible

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// builderSide is the other side of IngotCheckpoint.
type builderSide struct {
	mu       sync.Mutex
	asked    []string
	answered []time.Time
}

// serveCheckpoints answers each request on a socket as answer says, and puts its path into data. An empty answer hangs up.
func serveCheckpoints(t *testing.T, data map[string]any, answer func(task string) string) *builderSide {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "ib-") // a socket's path is short
	check(t, err)
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	check(t, err)
	t.Cleanup(func() { _ = listener.Close(); _ = os.RemoveAll(dir) })
	data["IngotCheckpoint"] = socket
	b := &builderSide{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			var request struct{ Task string }
			_ = json.NewDecoder(conn).Decode(&request)
			b.mu.Lock()
			b.asked = append(b.asked, request.Task)
			b.mu.Unlock()
			text := answer(request.Task)
			b.mu.Lock()
			b.answered = append(b.answered, time.Now())
			b.mu.Unlock()
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
	}()
	return b
}

func (b *builderSide) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.asked, " ")
}
