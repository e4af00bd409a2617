package ansible

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// checkpointTimeout is how long the builder may take for one checkpoint. Usually it is well below a second.
const checkpointTimeout = 2 * time.Minute

// checkpointRequest and checkpointAnswer are one line of JSON each, on a connection of their own to the builder's socket.
type checkpointRequest struct {
	Task string `json:"task"` // the task file that has just been applied
}

type checkpointAnswer struct {
	Seconds *float64 `json:"seconds"` // how long it took
	Error   string   `json:"error"`   // why there is none
}

// askForCheckpoint has the builder keep the guest's disk as it is now. The guest must stand still until it returns.
func askForCheckpoint(ctx context.Context, socket, task string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, checkpointTimeout, fmt.Errorf("no answer within %s", checkpointTimeout))
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("asking the builder: %w", err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()

	var answer checkpointAnswer
	err = json.NewEncoder(conn).Encode(checkpointRequest{Task: task})
	if err == nil {
		err = json.NewDecoder(conn).Decode(&answer)
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("asking the builder: %w", context.Cause(ctx))
	case errors.Is(err, io.EOF):
		return errors.New("asking the builder: it hung up without an answer")
	case err != nil:
		return fmt.Errorf("asking the builder: %w", err)
	case answer.Error != "":
		return errors.New(answer.Error)
	case answer.Seconds == nil:
		return errors.New("asking the builder: its answer has neither seconds nor an error")
	}
	return nil
}
