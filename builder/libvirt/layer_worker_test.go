package libvirt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// worker is another build: this test's program once more, in a process of its own.
type worker struct {
	command *exec.Cmd
	input   io.WriteCloser // closed: go on
	output  *bufio.Reader
}

// startWorker returns when the worker has printed its first line.
func startWorker(t *testing.T, s layerStore, part, argument string) (w *worker, first string) {
	t.Helper()
	w = newWorker(t, s, part, argument)
	must(t, w.command.Start())
	t.Cleanup(func() { _ = w.command.Process.Kill(); _ = w.command.Wait() })
	return w, w.line(t)
}

func newWorker(t *testing.T, s layerStore, part, argument string) *worker {
	t.Helper()
	w := &worker{command: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorker$")}
	w.command.Env = append(os.Environ(), "INGOT_WORKER="+part, "INGOT_WORKER_CACHE="+filepath.Dir(s.directory), "INGOT_WORKER_ARGUMENT="+argument)
	w.command.Stderr = os.Stderr
	output, err := w.command.StdoutPipe()
	must(t, err)
	w.output = bufio.NewReader(output)
	w.input, err = w.command.StdinPipe()
	must(t, err)
	return w
}

func (w *worker) line(t *testing.T) string {
	t.Helper()
	line, err := w.output.ReadString('\n')
	if err != nil {
		t.Fatalf("the worker said %q and ended: %v", line, err)
	}
	return strings.TrimSpace(line)
}

// goOn lets the worker finish, and returns its second line.
func (w *worker) goOn(t *testing.T) string {
	t.Helper()
	must(t, w.input.Close())
	line := w.line(t)
	must(t, w.command.Wait())
	return line
}

// kill ends the worker as a crash does.
func (w *worker) kill(t *testing.T) {
	t.Helper()
	must(t, w.command.Process.Kill())
	_ = w.command.Wait() // it was killed
}

// TestWorker is the other process; alone it does nothing.
func TestWorker(t *testing.T) {
	part, found := map[string]func(context.Context, layerStore, string) error{
		"publish": workerPublish, "hold": workerHold, "build": workerBuild, "full disk": workerFullDisk,
	}[os.Getenv("INGOT_WORKER")]
	if !found {
		t.Skip("there is no work")
	}
	must(t, part(t.Context(), storeOf(os.Getenv("INGOT_WORKER_CACHE")), os.Getenv("INGOT_WORKER_ARGUMENT")))
	os.Exit(0) // nothing but the lines below is printed
}

// pause says something, and waits until the test closes our input.
func pause(line string) {
	fmt.Println(line)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// workerPublish makes the layer packages as a build does, waits, and publishes it and one that stands on it.
func workerPublish(ctx context.Context, s layerStore, _ string) error {
	build, err := createBuildDirectory(ctx, filepath.Dir(s.directory), "base")
	if err != nil {
		return err
	}
	digests := testDigests("packages", "tools")
	source, err := s.load(digests[0].Digest)
	if err != nil {
		return err
	}
	packages, err := s.writeData(ctx, digests[1], build.id.ID, source)
	if err != nil {
		return err
	}
	packages.Format = "qcow2"
	tools, err := s.writeData(ctx, digests[2], build.id.ID, packages)
	if err != nil {
		return err
	}
	pause(build.id.ID)
	fmt.Println(outcome(s.publish(ctx, packages)), outcome(s.publish(ctx, tools)))
	return build.remove()
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "published"
	case errors.Is(err, errLost):
		return "lost"
	}
	return strings.ReplaceAll(err.Error(), "\n", " ")
}

// workerHold is a build that uses the chain of the layers in its argument.
func workerHold(ctx context.Context, s layerStore, tasks string) error {
	chain, err := s.deepest(ctx, testDigests(strings.Fields(tasks)...), func(line string) { fmt.Println(line) })
	if err != nil {
		return err
	}
	pause(tasksOf(chain))
	path, _ := chain.top()
	fmt.Println(exists(path))
	return chain.Close()
}

// workerFullDisk publishes on a file system of its own where the data files fit, and nothing else.
func workerFullDisk(ctx context.Context, s layerStore, _ string) error {
	if err := unix.Mount("tmpfs", s.directory, "tmpfs", 0, "size=1m"); err != nil {
		return err
	}
	digests := testDigests("packages")
	source, err := s.writeData(ctx, digests[0], "0000000a", layer{})
	if err != nil {
		return err
	}
	if err := s.locked(ctx, func() error { return nil }); err != nil { // makes the lock's file
		return err
	}
	ballast, err := os.Create(s.path("ballast"))
	if err != nil {
		return err
	}
	if _, err := io.Copy(ballast, zeroes{}); !errors.Is(err, unix.ENOSPC) {
		return fmt.Errorf("the file system is not full: %w", err)
	}
	fmt.Println(outcome(s.publish(ctx, source)))
	partial, _ := filepath.Glob(s.path("*.json*"))
	if err := errors.Join(ballast.Close(), os.Remove(ballast.Name())); err != nil {
		return err
	}
	fmt.Println(len(partial), outcome(s.publish(ctx, source)))
	if ballast, err = os.Create(s.path("ballast")); err != nil {
		return err
	}
	_, _ = io.Copy(ballast, zeroes{}) // full again
	chain, err := s.deepest(ctx, digests, func(line string) { fmt.Println(line) })
	fmt.Println(tasksOf(chain), err)
	return nil
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// workerBuild builds one profile after the other until the test closes our input.
func workerBuild(ctx context.Context, s layerStore, tasks string) error {
	over := make(chan struct{})
	go func() { pause("started"); close(over) }()
	var counts struct{ builds, reused, made, lost int }
	for {
		select {
		case <-over:
			fmt.Printf("%+v\n", counts)
			return nil
		default:
		}
		counts.builds++
		reused, made, err := oneBuild(ctx, s, testDigests(strings.Fields(tasks)...))
		counts.reused, counts.made = counts.reused+reused, counts.made+made
		if errors.Is(err, errLost) {
			counts.lost++
		} else if err != nil {
			return err
		}
	}
}

// oneBuild starts from the deepest layer, publishes what is missing, and looks at its chain with QEMU's eyes in the end.
func oneBuild(ctx context.Context, s layerStore, digests []layerDigest) (reused, made int, err error) {
	build, err := createBuildDirectory(ctx, filepath.Dir(s.directory), "base")
	if err != nil {
		return 0, 0, err
	}
	defer build.remove()
	var dropped []string
	chain, err := s.deepest(ctx, digests, func(line string) { dropped = append(dropped, line) })
	if err != nil || len(dropped) > 0 {
		return 0, 0, fmt.Errorf("dropped %q: %w", dropped, err)
	}
	parent := layer{}
	if chain != nil {
		defer chain.Close()
		reused, parent = chain.depth(), chain.layers[chain.depth()-1]
	}
	for _, d := range digests[reused:] {
		l, err := s.writeData(ctx, d, build.id.ID, parent)
		if err != nil {
			return reused, made, err
		}
		if err := s.publish(ctx, l); err != nil {
			return reused, made, err
		}
		made, parent, parent.Format = made+1, l, "qcow2"
	}
	_, err = qemuImg(ctx, qemuImgDeadline, "info", "--backing-chain", s.path(parent.File))
	return reused, made, err
}
