package ansible

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// checkpoints are asked for between two task files, while Ansible stands still.
type checkpoints struct {
	socket  string   // of the builder
	left    []string // the task files that have not been followed by another, in order
	waiting bool     // for the builder's answer
	resume  *os.File // a line in it lets Ansible go on
	over    bool     // none is asked for any more
}

// newCheckpoints returns nil, and Ansible never stands still, when the builder wants none, or when an earlier try of this build has
// applied some of these task files: what such a try may have left on the disk is in no digest.
func newCheckpoints(g *guest, tasks []string, r *report, ui packersdk.Ui) *checkpoints {
	if g.checkpoint == "" {
		return nil
	}
	if r.applied(tasks) {
		ui.Say("No checkpoints: an earlier try has changed the guest already")
		return nil
	}
	return &checkpoints{socket: g.checkpoint, left: tasks}
}

// attach gives cmd the pipe in which it waits. A nil k has none.
func (k *checkpoints) attach(cmd *exec.Cmd) error {
	if k == nil {
		return nil
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe by which Ansible goes on: %w", err)
	}
	k.resume = ours
	cmd.Env = append(cmd.Env, "INGOT_CONTINUE_FD=4") // after the one for the events
	cmd.ExtraFiles = append(cmd.ExtraFiles, theirs)
	return nil
}

func (k *checkpoints) close() {
	if k != nil {
		_ = k.resume.Close()
	}
}

// take has a checkpoint taken after e's task file. A checkpoint stands for all task files up to it, in order, each applied whole:
// after anything else than that there is none, and none later.
func (k *checkpoints) take(ctx context.Context, e *event, failed bool) error {
	if failed {
		return errors.New("a task has failed in this run")
	}
	if len(k.left) < 2 || k.left[0] != e.Name || k.left[1] != e.Next {
		return errors.New("the playbook does not apply the task files in their order")
	}
	k.left = k.left[1:]
	k.waiting = true
	err := askForCheckpoint(ctx, k.socket, e.Name)
	k.waiting = ctx.Err() != nil
	return err
}

// checkpoint is called while Ansible stands still, and lets it go on. After an error there are no more of them: a layer stands on
// the one before.
func (p *progress) checkpoint(ctx context.Context, e *event) {
	k, start := p.checkpoints, time.Now()
	if !k.over {
		err := k.take(ctx, e, p.failure != nil)
		took := time.Since(start)
		switch {
		case ctx.Err() != nil:
			return // Ansible is about to be ended, and must not begin another task
		case err != nil:
			k.over = true
			why := strings.Join(strings.Fields(p.mask.Replace(err.Error())), " ")
			p.ui.Sayf("%s … no checkpoint: %s; the build goes on without", e.Name, why)
		default:
			p.report.checkpoint(e.Name, took)
			p.ui.Sayf("%s … checkpoint (%.1fs)", e.Name, took.Seconds())
		}
	}
	_, _ = k.resume.WriteString("\n") // an Ansible that is gone needs none
}
