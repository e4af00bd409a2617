package ansible

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// run runs cmd to its end and hands each event to p. Nothing that works in dir is left when it returns.
func run(ctx context.Context, cmd *exec.Cmd, dir string, out *runLog, p *progress) error {
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe for Ansible's events: %w", err)
	}
	defer func() { _ = read.Close() }()
	defer p.checkpoints.close()
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = out, out, []*os.File{write}

	runtime.LockOSThread() // Pdeathsig counts from the end of the thread that started the child
	defer runtime.UnlockOSThread()
	if err := start(cmd, p.checkpoints); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events, done := make(chan event), make(chan struct{})
	go readEvents(read, events)
	go func() {
		defer close(done)
		defer p.checkpoints.close() // nobody would let Ansible go on
		p.follow(ctx, events)
	}()
	err = cmd.Wait()
	stop() // what the builder is still asked for would come too late
	err = errors.Join(err, endProcessesOf(dir))
	_ = read.SetReadDeadline(time.Now().Add(time.Second)) // all writers are gone; this is for one that is not
	<-done
	return err
}

// start leaves cmd's ends of the pipes to cmd alone, so that each side sees when the other is gone.
func start(cmd *exec.Cmd, k *checkpoints) error {
	defer func() {
		for _, file := range cmd.ExtraFiles {
			_ = file.Close()
		}
	}()
	if err := k.attach(cmd); err != nil {
		return err
	}
	return cmd.Start()
}
