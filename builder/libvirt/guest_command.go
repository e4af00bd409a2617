package libvirt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// runInGuest runs a shell command over the communicator and returns what it prints.
func runInGuest(ctx context.Context, state multistep.StateBag, deadline time.Duration, command string) (string, error) {
	communicator, ok := state.Get("communicator").(packersdk.Communicator)
	if !ok {
		return "", errors.New("the guest was never connected to")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, deadline, fmt.Errorf("the command did not end within %s: %s", deadline, command))
	defer cancel()
	var stdout, stderr bytes.Buffer
	remote := &packersdk.RemoteCmd{Command: command, Stdout: &stdout, Stderr: &stderr}
	if err := communicator.Start(ctx, remote); err != nil {
		return "", err
	}
	exited := make(chan int, 1)
	go func() { exited <- remote.Wait() }()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case status := <-exited:
		if status != 0 {
			return "", fmt.Errorf("%q ended with status %d: %s", command, status, strings.TrimSpace(stderr.String()))
		}
		return stdout.String(), nil
	}
}
