package bump

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// today is the day of all tests.
var today = time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)

func daysAgo(n int) time.Time { return today.AddDate(0, 0, -n) }

// publishers is a real server that stands in for all publishers: the host of a URL is the first folder of its path.
type publishers struct {
	*httptest.Server
	mutex    sync.Mutex
	answers  map[string]http.HandlerFunc // by host and path
	requests []*http.Request
}

func newPublishers(t *testing.T) *publishers {
	p := &publishers{answers: map[string]http.HandlerFunc{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mutex.Lock()
		p.requests = append(p.requests, r)
		answer := p.answers[strings.TrimPrefix(r.URL.Path, "/")]
		p.mutex.Unlock()
		if answer == nil {
			http.NotFound(w, r)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// text answers with content that was last modified ten days ago.
func (p *publishers) text(at, content string) { p.modified(at, content, daysAgo(10)) }

func (p *publishers) modified(at, content string, date time.Time) {
	p.answers[at] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", date.Format(http.TimeFormat))
		http.ServeContent(w, r, "", date, strings.NewReader(content))
	}
}

func (p *publishers) json(at string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	p.text(at, string(text))
}

// asked counts the requests for a host and path.
func (p *publishers) asked(at string) (n int) {
	for _, r := range p.requests {
		if strings.TrimPrefix(r.URL.Path, "/") == at {
			n++
		}
	}
	return n
}

// content is what a file with that name contains, everywhere in these tests.
func content(name string) string { return "file " + name }

func sum256(name string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(content(name)))) }

func sum512(name string) string { return fmt.Sprintf("%x", sha512.Sum512([]byte(content(name)))) }

var hosts = []string{"api.github.com", "github.com", "go.dev", "static.rust-lang.org", "cloud.debian.org", "cloud-images.ubuntu.com",
	"packages.example", "flat.example", "releases.hashicorp.com", "www.hashicorp.com", "downloads.example"}

// command is a run as somebody types it, in a folder with text as versions.yaml; it hardly waits between attempts.
func (p *publishers) command(t *testing.T, text string, args ...string) (*bump, *bytes.Buffer) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("versions.yaml", []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		args = append(args, "-mirror", host+"="+p.URL+"/"+host)
	}
	environment := map[string]string{"GITHUB_TOKEN": "secret-token", "GITHUB_REPOSITORY": "ingot/images"}
	o, err := parse(args, func(name string) string { return environment[name] }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	o.retryWait = time.Millisecond
	progress := new(bytes.Buffer)
	return newBump(o, today, progress), progress
}

// run is the whole command; its output and progress must not have the token.
func (p *publishers) run(t *testing.T, text string, args ...string) (string, error) {
	t.Helper()
	b, progress := p.command(t, text, args...)
	var out bytes.Buffer
	err := b.run(t.Context(), &out)
	if all := out.String() + progress.String() + fmt.Sprint(err); strings.Contains(all, b.token) {
		t.Errorf("the token is shown:\n%s", all)
	}
	return out.String(), err
}

// states are the results of all pins by name.
func (p *publishers) states(t *testing.T, text string, args ...string) map[string]string {
	t.Helper()
	out, _ := p.run(t, text, append(args, "-dry-run")...)
	states := map[string]string{}
	for line := range strings.Lines(out) {
		if cells := strings.Split(line, "│"); len(cells) == 7 {
			states[strings.TrimSpace(cells[1])] = strings.TrimSpace(cells[2]) + ": " + strings.TrimSpace(cells[3])
		}
	}
	delete(states, "PIN")
	return states
}

func wantStates(t *testing.T, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s\n got: %s\nwant: %s", name, got[name], want[name])
		}
	}
}

// loaded are the pins that b has to look at.
func loaded(t *testing.T, b *bump) []pin {
	t.Helper()
	pins, err := versions.Load(b.file)
	if err != nil {
		t.Fatal(err)
	}
	selected, err := b.selectPins(pins)
	if err != nil {
		t.Fatal(err)
	}
	return selected
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
