package verify

import (
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want command
		err  string
	}{
		{name: "a file", args: []string{"out/a.qcow2"}, want: command{file: "out/a.qcow2", manifest: "out/manifest.json"}},
		{name: "options after it", args: []string{"-spec", "base", "a.qcow2", "--manifest", "m.json", "--report=r"},
			want: command{file: "a.qcow2", spec: "base", manifest: "m.json", report: "r"}},
		{name: "no file", err: `takes one FILE, got []`},
		{name: "two files", args: []string{"a", "b"}, err: `takes one FILE, got ["a" "b"]`},
		{name: "an option that is none", args: []string{"a", "-x"}, err: "flag provided but not defined: -x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got command
			err := got.parse(c.args, io.Discard)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			must(t, err)
			if got.file != c.want.file || got.spec != c.want.spec || got.manifest != c.want.manifest || got.report != c.want.report {
				t.Errorf("got %+v", got)
			}
		})
	}
	if err := new(command).parse([]string{"-h"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
}

// TestCommandNeedsAProfile, and starts nothing without.
func TestCommandNeedsAProfile(t *testing.T) {
	file := t.TempDir() + "/a.qcow2"
	write(t, file, "an image")
	err := Command(t.Context(), Components{}, []string{file}, io.Discard)
	if err == nil || !strings.HasPrefix(err.Error(), "-spec: is required, since there is no ") {
		t.Error(err)
	}
}
