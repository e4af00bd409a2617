package libvirt

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"libvirt.org/go/libvirt"
)

func TestShutdown(t *testing.T) {
	for _, test := range []struct {
		name, console, wantErr string
		before                 func(*testing.T, *libvirt.Domain)
	}{
		{name: "shuts a guest down that confirms it", console: "bye\r\ningot-seal: done\r\n"},
		{name: "is content with a guest that is off already", console: "ingot-seal: done", before: func(t *testing.T, d *libvirt.Domain) {
			if err := d.Shutdown(); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "refuses a guest that does not confirm", console: "ingot-seal: failed: remove_users",
			wantErr: `shutdown_confirmation: the guest went off without finishing its last work: waited 5s for "ingot-seal: done" on the guest's console in vain; nothing is exported`},
		{name: "refuses a guest that was killed", console: "ingot-seal: done", before: func(t *testing.T, d *libvirt.Domain) {
			if err := d.Destroy(); err != nil {
				t.Fatal(err)
			}
		}, wantErr: "the guest did not shut itself down, it crashed or was killed; nothing is exported"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			domain := define(t, testConnection(t), "vm", nil, true)
			defer domain.Free()
			if test.before != nil {
				test.before(t, domain)
			}
			state, _ := testState(t)
			stateDomain.put(state, domain)
			build := &buildDirectory{path: t.TempDir()}
			stateBuild.put(state, build)
			write(t, build.file(consoleFile), test.console)
			c, err := testConfig(t, map[string]any{"shutdown_confirmation": "ingot-seal: done", "shutdown_timeout": "2s"})
			if err != nil {
				t.Fatal(err)
			}
			action := (&stepShutdownDomain{config: c}).Run(context.Background(), state)
			got := ""
			if err := errorOf(state); err != nil {
				got = err.Error()
			}
			if got != test.wantErr || (action == multistep.ActionHalt) != (test.wantErr != "") {
				t.Errorf("got %q, want %q", got, test.wantErr)
			}
		})
	}
}

// TestWatched ends a step as soon as its guest is gone, not when the step's own deadline passes.
func TestWatched(t *testing.T) {
	domain := define(t, testConnection(t), "vm", nil, true)
	defer domain.Free()
	state, output := testState(t)
	stateDomain.put(state, domain)
	begin := time.Now()
	waiting := stepFunc(func(ctx context.Context) multistep.StepAction {
		if err := domain.Destroy(); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
		return multistep.ActionHalt
	})
	action := watched{Step: waiting, config: &Config{}}.Run(context.Background(), state)
	if action != multistep.ActionHalt || !strings.Contains(output.String(), "powered off or crashed") || time.Since(begin) > 10*time.Second {
		t.Errorf("action %v after %s: %s", action, time.Since(begin), output)
	}
}

type stepFunc func(context.Context) multistep.StepAction

func (f stepFunc) Run(ctx context.Context, _ multistep.StateBag) multistep.StepAction { return f(ctx) }
func (stepFunc) Cleanup(multistep.StateBag)                                           {}

func TestPollSaysWhatItWaitedFor(t *testing.T) {
	never := func() (bool, error) { return false, nil }
	err := poll(context.Background(), 10*time.Millisecond, time.Millisecond, "the guest to sing", never)
	if err == nil || err.Error() != "waited 10ms for the guest to sing in vain" {
		t.Errorf("deadline: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = poll(ctx, time.Minute, time.Millisecond, "the guest to sing", never)
	if err == nil || err.Error() != "cancelled while waiting for the guest to sing" {
		t.Errorf("cancelled: %v", err)
	}
}

func TestReplaceDirectory(t *testing.T) {
	top := t.TempDir()
	for _, content := range []string{"first", "second"} {
		from, to := filepath.Join(top, ".partial"), filepath.Join(top, "base")
		write(t, filepath.Join(from, "ingot.qcow2"), content)
		if err := replaceDirectory(from, to); err != nil {
			t.Fatal(err)
		}
		if lines := lastLines(filepath.Join(to, "ingot.qcow2"), 1); len(lines) != 1 || lines[0] != content {
			t.Errorf("want %s, got %v", content, lines)
		}
		if exists(from) {
			t.Error("the old directory is still there")
		}
	}
}
