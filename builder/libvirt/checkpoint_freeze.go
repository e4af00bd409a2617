package libvirt

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	_ "embed" // freeze.sh
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

//go:embed freeze.sh
var freezeScript string

const (
	freezeDeadline = 45 * time.Second // sync may have much to write
	thawDeadline   = 15 * time.Second
	deadMan        = 60 * time.Second // then the guest thaws by itself, whatever has become of the host
)

// frozenGuest is a guest whose file systems stand still until thaw is called.
type frozenGuest struct {
	input  *io.PipeWriter
	output *io.PipeReader
	said   chan string // the script's lines; closed at its end

	failure error        // of starting it; to be read, as stderr, when said is closed
	stderr  bytes.Buffer // the script's
}

// freezeCommand runs the script as root in one go: a second login could not be answered by a frozen guest.
func freezeCommand() string {
	return fmt.Sprintf("sudo -n sh -c '%s' freeze.sh %d", strings.ReplaceAll(freezeScript, "'", `'\''`), int(deadMan.Seconds()))
}

// freeze brings the guest's file systems to the disk and keeps them still. Whatever goes wrong, they are thawed: at the latest by the
// guest itself.
func freeze(ctx context.Context, communicator packersdk.Communicator, command string) (*frozenGuest, error) {
	theirs, ours := io.Pipe()
	output, writer := io.Pipe()
	f := &frozenGuest{input: ours, output: output, said: make(chan string, 8)}
	remote := &packersdk.RemoteCmd{Command: command, Stdin: theirs, Stdout: writer, Stderr: &f.stderr}
	go func() { // Start knows no deadline, and the connection may hang
		err := communicator.Start(ctx, remote)
		if err == nil {
			remote.Wait()
		}
		_ = writer.CloseWithError(err)
	}()
	go f.listen()
	if err := f.expect(ctx, freezeDeadline, "frozen"); err != nil {
		return nil, errors.Join(fmt.Errorf("freezing the guest's file systems: %w", err), f.input.Close())
	}
	return f, nil
}

func (f *frozenGuest) listen() {
	defer close(f.said)
	scanner := bufio.NewScanner(f.output)
	for scanner.Scan() {
		select {
		case f.said <- strings.TrimSpace(scanner.Text()):
		default: // more than anybody waits for
		}
	}
	f.failure = scanner.Err()
}

// thaw lets the guest go on. Without an error nothing was written since freeze.
func (f *frozenGuest) thaw(ctx context.Context) error {
	_, err := io.WriteString(f.input, "\n")
	if err == nil {
		err = f.expect(ctx, thawDeadline, "thawed")
	}
	if err = errors.Join(err, f.input.Close()); err != nil {
		return fmt.Errorf("thawing the guest's file systems: %w", err)
	}
	return nil
}

// expect waits for the script's next line.
func (f *frozenGuest) expect(ctx context.Context, deadline time.Duration, want string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, deadline, fmt.Errorf("the guest did not say %q within %s", want, deadline))
	defer cancel()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case line, more := <-f.said:
		switch {
		case line == want:
			return nil
		case more:
			return fmt.Errorf("the guest said %q instead of %q", line, want)
		}
		return f.why()
	}
}

// why says for what reason the script has ended early.
func (f *frozenGuest) why() error {
	if f.failure != nil {
		return f.failure
	}
	lines := strings.Split(strings.TrimSpace(f.stderr.String()), "\n")
	return errors.New(cmp.Or(lines[len(lines)-1], "the command ended without a reason"))
}
