package libvirt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"sync"
	"time"
)

// checkpointServer listens on a unix socket for provisioners that have applied a task file: one line of JSON, {"task": "packages"}, is
// answered with {"seconds": 0.3} or {"error": "why there is no checkpoint"}.
type checkpointServer struct {
	take     func(ctx context.Context, task string) error
	listener net.Listener
	cancel   context.CancelFunc
	serving  sync.WaitGroup
	busy     sync.Mutex    // held while a checkpoint is taken
	took     time.Duration // by all of them
}

const (
	checkpointDeadline = 100 * time.Second // the provisioner waits for two minutes
	requestDeadline    = 10 * time.Second
	longestSocketPath  = 107 // bytes, unix(7)
)

type checkpointAnswer struct {
	Seconds *float64 `json:"seconds,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// serveCheckpoints begins to listen; only this user can connect.
func serveCheckpoints(ctx context.Context, path string, take func(context.Context, string) error) (*checkpointServer, error) {
	if len(path) > longestSocketPath {
		return nil, fmt.Errorf("cache_directory: a socket's path may have %d bytes, %s has %d", longestSocketPath, path, len(path))
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listening for provisioners: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("listening for provisioners: %w", err), listener.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &checkpointServer{take: take, listener: listener, cancel: cancel}
	s.serving.Go(func() { s.accept(ctx) })
	return s, nil
}

func (s *checkpointServer) accept(ctx context.Context) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.serving.Go(func() { s.serve(ctx, conn) })
	}
}

func (s *checkpointServer) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	var request struct {
		Task string `json:"task"`
	}
	_ = conn.SetDeadline(time.Now().Add(requestDeadline))
	if err := json.NewDecoder(io.LimitReader(conn, 4096)).Decode(&request); err != nil {
		s.answer(conn, checkpointAnswer{Error: fmt.Sprintf("reading the request: %v", err)})
		return
	}
	took, err := s.takeAlone(ctx, request.Task)
	if err != nil {
		s.answer(conn, checkpointAnswer{Error: err.Error()})
		return
	}
	seconds := math.Round(took.Seconds()*1000) / 1000
	s.answer(conn, checkpointAnswer{Seconds: &seconds})
}

func (s *checkpointServer) takeAlone(ctx context.Context, task string) (took time.Duration, err error) {
	if !s.busy.TryLock() {
		return 0, errors.New("another checkpoint is being taken")
	}
	defer s.busy.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, checkpointDeadline, fmt.Errorf("not done within %s", checkpointDeadline))
	defer cancel()
	begin := time.Now()
	err = s.take(ctx, task)
	took = time.Since(begin)
	s.took += took
	return took, err
}

func (s *checkpointServer) answer(conn net.Conn, answer checkpointAnswer) {
	_ = conn.SetDeadline(time.Now().Add(requestDeadline))
	_ = json.NewEncoder(conn).Encode(answer) // who has hung up needs none
}

// stop ends the listening and what is under way, and returns how long all checkpoints took.
func (s *checkpointServer) stop() time.Duration {
	if s == nil {
		return 0
	}
	s.cancel()
	_ = s.listener.Close()
	s.serving.Wait()
	return s.took
}
