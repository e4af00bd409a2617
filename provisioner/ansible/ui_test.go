package ansible

import (
	"regexp"
	"strings"
	"sync"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// lines is a buffer that several goroutines write to.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newUI() (*packersdk.BasicUi, *lines) {
	out := &lines{}
	return &packersdk.BasicUi{Writer: out, ErrorWriter: out}, out
}

var (
	seconds     = regexp.MustCompile(`\([0-9]+\.[0-9]s\)`)
	coreVersion = regexp.MustCompile(`ansible-core \S+`)
)

// steady replaces what differs between two runs.
func steady(text string) string {
	return coreVersion.ReplaceAllString(seconds.ReplaceAllString(text, "(T)"), "ansible-core V")
}
