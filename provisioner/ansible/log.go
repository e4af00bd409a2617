package ansible

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
)

// runLog receives all that Ansible prints, masks secrets in it, and remembers its last lines.
type runLog struct {
	file *os.File
	mask *strings.Replacer
	mu   sync.Mutex // Ansible's output and its errors arrive separately
	rest []byte     // the line that is not complete yet
	last []string
}

// openLog appends: a build may run more than one playbook.
func openLog(path string, mask *strings.Replacer) (*runLog, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log_file: opening %q: %w", path, reason(err))
	}
	return &runLog{file: file, mask: mask}, nil
}

// Write writes whole lines, so that no secret is missed because it arrived in two pieces.
func (l *runLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	end := bytes.LastIndexByte(l.rest, '\n') + 1
	err := l.put(string(l.rest[:end]))
	l.rest = l.rest[end:]
	return len(p), err
}

func (l *runLog) put(text string) error {
	if text == "" {
		return nil
	}
	text = l.mask.Replace(text)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			l.last = append(l.last, line)
		}
	}
	l.last = l.last[max(0, len(l.last)-10):]
	_, err := l.file.WriteString(text)
	return err
}

// tail is what Ansible said last.
func (l *runLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, "\n  ")
}

func (l *runLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.put(string(l.rest))
	if closeErr := l.file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("log_file: writing %q: %w", l.file.Name(), reason(err))
	}
	return nil
}
