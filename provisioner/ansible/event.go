package ansible

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"
	"time"
)

// event is one line of callback/ingot_events.py.
type event struct {
	Kind     string              `json:"event"` // start, task, result or applied
	At       float64             `json:"at"`    // seconds since 1970
	Version  string              `json:"version"`
	Name     string              `json:"name"`
	Path     string              `json:"path"`      // file:line of the task
	TaskFile string              `json:"task_file"` // the selected one that is being applied, or empty before the first
	Next     string              `json:"next"`      // applied: the task file that is about to begin
	Status   string              `json:"status"`
	Failures []map[string]string `json:"failures"`
}

// readEvents hands on all events until the pipe is closed by whoever writes to it, or something else comes in.
func readEvents(pipe io.Reader, events chan<- event) {
	dec := json.NewDecoder(pipe)
	for {
		var e event
		if err := dec.Decode(&e); err != nil {
			break
		}
		events <- e
	}
	close(events)
	_, _ = io.Copy(io.Discard, pipe) // never block Ansible
}

// clarify replaces ssh's advice on a wrong host key: nobody made a mistake in a known_hosts file.
func (e *event) clarify() {
	for _, f := range e.Failures {
		if e.Status == "unreachable" && strings.Contains(f["msg"], "Host key verification failed") {
			f["msg"] = "something that does not have this build's host key answers at the guest's address"
		}
	}
}

func (e *event) failed() bool { return e.Status == "failed" || e.Status == "unreachable" }

func (e *event) time() time.Time { return time.UnixMicro(int64(e.At * 1e6)) }

// summary is one line that says why a task failed.
func (e *event) summary() string {
	if len(e.Failures) == 0 {
		return "no reason given"
	}
	f := e.Failures[0]
	said := strings.TrimSpace(cmp.Or(f["msg"], f["censored"], lastLine(f["module_stderr"]), "no reason given"))
	if e.Status == "unreachable" {
		return lastLine(said) // ssh puts a banner before it
	}
	first, rest, _ := strings.Cut(said, "\n")
	if strings.HasSuffix(first, ":") { // the argument check of Ansible gives its reason there
		rest, _, _ = strings.Cut(rest, "\n")
		return first + " " + rest
	}
	if why := lastLine(f["stderr"]); why != "" {
		first += ": " + why
	}
	return first
}

// details is all that the module said, for whoever has to mend it.
func (e *event) details() string {
	var out strings.Builder
	for _, f := range e.Failures {
		for _, part := range []struct{ label, text string }{
			{"", cmp.Or(f["msg"], f["censored"])},
			{"exit status: ", f["rc"]},
			{"stderr: ", tail(cmp.Or(f["stderr"], f["module_stderr"]), 40)},
			{"stdout: ", tail(cmp.Or(f["stdout"], f["module_stdout"]), 20)},
		} {
			if text := strings.TrimSpace(part.text); text != "" {
				out.WriteString("  " + part.label + strings.ReplaceAll(text, "\n", "\n    ") + "\n")
			}
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// tail is the end of text, and says what it leaves out.
func tail(text string, most int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) <= most {
		return strings.Join(lines, "\n")
	}
	return "(the log has more)\n" + strings.Join(lines[len(lines)-most:], "\n")
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}
