package ansible

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// finish closes the report and says how the run ended: nil, or what was being done to which task, why it ended, and where to read on.
func (p *progress) finish(ctx context.Context, cmd *exec.Cmd, runErr error, out *runLog, now time.Time) error {
	err := p.verdict(ctx, cmd, runErr, out)
	if err != nil {
		p.report.fail(now)
	}
	p.report.leave(now)
	return errors.Join(err, p.report.problem())
}

func (p *progress) verdict(ctx context.Context, cmd *exec.Cmd, runErr error, out *runLog) error {
	doing, at := p.where()
	log := out.file.Name()
	switch {
	case cmd.ProcessState == nil:
		return fmt.Errorf("ansible_playbook: starting %q: %w", cmd.Path, runErr)
	case ctx.Err() != nil && !cmd.ProcessState.Success():
		return fmt.Errorf("ansible_directory: %s: %w %s; see %s", doing, ended(ctx), at, log)
	case cmd.ProcessState.Success():
		return errors.Join(p.notApplied(log), leftovers(runErr))
	case p.failure != nil:
		return fmt.Errorf("ansible_directory: %s: failed at task %q (%s): %s; see %s",
			doing, p.failure.Name, p.place(p.failure), p.failure.summary(), log)
	}
	return fmt.Errorf("playbook: %s: ansible-playbook ended with %s %s; see %s; it said last:\n  %s",
		doing, cmd.ProcessState, at, log, out.tail())
}

// notApplied catches a playbook that ends well without having done what was asked: an image without it must not be built.
func (p *progress) notApplied(log string) error {
	var missed []string
	for _, task := range p.config.Tasks {
		if !p.report.seen[task] {
			missed = append(missed, fmt.Sprintf("%q", task))
		}
	}
	if len(missed) == 0 {
		return nil
	}
	return fmt.Errorf("tasks: %s ended without applying %s; it must be for hosts: image and include tasks/<name>.yaml for each of %s; see %s",
		p.config.Playbook, strings.Join(missed, ", "), tasksVariable, log)
}

// ended tells a deadline, which names itself, from an interrupted build.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return errors.New("cancelled")
}

// leftovers is what went wrong beside a good end: a process that could not be ended.
func leftovers(runErr error) error {
	if errors.Is(runErr, exec.ErrWaitDelay) {
		return nil // something held the output open; it has been ended
	}
	return runErr
}
