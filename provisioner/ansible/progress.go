package ansible

import (
	"context"
	"strings"
	"time"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// progress turns events into lines for the user and into the report.
type progress struct {
	ui          packersdk.Ui
	config      *Config
	root        string // ansible_directory, absolute
	report      *report
	mask        *strings.Replacer
	checkpoints *checkpoints // nil: the builder wants none
	taskFile    string       // the one that is being applied
	task        *event       // the task that runs, or nil
	failure     *event       // the last failure that Ansible was not told to ignore
}

// follow ends when events does. A task that takes long is mentioned every minute.
func (p *progress) follow(ctx context.Context, events <-chan event) {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return
			}
			p.apply(ctx, e)
		case now := <-ticker.C:
			if p.task != nil && now.Sub(p.task.time()) > 30*time.Second {
				p.ui.Sayf("%s … running (%s)", p.label(p.task), now.Sub(p.task.time()).Round(time.Second))
			}
		}
	}
}

func (p *progress) apply(ctx context.Context, e event) {
	e.clarify()
	p.masked(&e)
	switch e.Kind {
	case "start":
		p.ui.Sayf("Applying %s with ansible-core %s", p.config.Playbook, e.Version)
	case "task":
		p.task = &e
		if e.TaskFile != p.taskFile {
			p.taskFile = e.TaskFile
			p.report.enter(e.TaskFile, e.time())
		}
	case "result":
		p.show(&e)
		p.report.count(e.Status)
		if e.failed() {
			p.failure = &e
		}
		p.task = nil
	case "applied":
		p.report.leave(e.time())
		p.checkpoint(ctx, &e)
	}
}

// show writes one line for a task, and all of the reason when it failed.
func (p *progress) show(e *event) {
	var took time.Duration
	if p.task != nil {
		took = e.time().Sub(p.task.time())
	}
	status := e.Status
	if status == "ignored" {
		status = "failed, ignored"
	}
	p.ui.Sayf("%s … %s (%.1fs)", p.label(e), status, took.Seconds())
	if e.failed() {
		p.ui.Errorf("  at %s\n%s", p.place(e), e.details())
	}
}

func (p *progress) masked(e *event) {
	e.Name = p.mask.Replace(e.Name)
	for _, failure := range e.Failures {
		for key, text := range failure {
			failure[key] = p.mask.Replace(text)
		}
	}
}
