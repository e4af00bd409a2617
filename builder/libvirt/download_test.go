package libvirt

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// testPublisher serves files on loopback and counts.
type testPublisher struct {
	*httptest.Server
	requests, sent atomic.Int64
	files          map[string][]byte
	cuts           atomic.Int64 // so many answers end half-way
	user, password string       // that are asked for
	stall          atomic.Bool  // answers stop half-way until stalled is closed
	stalled        chan struct{}
	half           int // bytes of an answer that ends
}

func publish(t *testing.T, files map[string][]byte) *testPublisher {
	t.Helper()
	p := &testPublisher{files: files, stalled: make(chan struct{})}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() { close(p.stalled); p.Close() })
	return p
}

func (p *testPublisher) serve(w http.ResponseWriter, r *http.Request) {
	p.requests.Add(1)
	content, ok := p.files[r.URL.Path]
	if user, password, _ := r.BasicAuth(); !ok || user != p.user || password != p.password {
		http.NotFound(w, r)
		return
	}
	counted := &countingWriter{ResponseWriter: w, sent: &p.sent}
	half := r.Method == http.MethodGet && (p.stall.Load() || p.cuts.Add(-1) >= 0)
	if !half {
		http.ServeContent(counted, r, "file", time.Time{}, bytes.NewReader(content))
		return
	}
	counted.left = cmp.Or(p.half, 100_000)
	http.ServeContent(counted, r, "file", time.Time{}, bytes.NewReader(content))
	w.(http.Flusher).Flush()
	if p.stall.Load() {
		select {
		case <-p.stalled:
		case <-r.Context().Done():
		}
	}
	panic(http.ErrAbortHandler) // cuts the connection
}

type countingWriter struct {
	http.ResponseWriter
	sent *atomic.Int64
	left int // bytes that still go through; 0 is no limit
}

func (w *countingWriter) Write(p []byte) (int, error) {
	if w.left > 0 && len(p) >= w.left {
		w.sent.Add(int64(w.left))
		n, _ := w.ResponseWriter.Write(p[:w.left])
		w.sent.Add(int64(n - w.left))
		return n, io.ErrShortWrite
	}
	if w.left > 0 {
		w.left -= len(p)
	}
	w.sent.Add(int64(len(p))) // before the test can have the last of it
	n, err := w.ResponseWriter.Write(p)
	w.sent.Add(int64(n - len(p)))
	return n, err
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// recordingUI keeps what is said, and how far each progress bar went.
type recordingUI struct {
	packersdk.Ui
	output *bytes.Buffer
	mutex  sync.Mutex
	bars   map[string]*counter
}

func testUI(t *testing.T) *recordingUI {
	t.Helper()
	output := new(bytes.Buffer)
	ui := &packersdk.BasicUi{Reader: strings.NewReader(""), Writer: output, ErrorWriter: output}
	return &recordingUI{Ui: ui, output: output, bars: map[string]*counter{}}
}

func (u *recordingUI) text() string { return u.output.String() }

func (u *recordingUI) TrackProgress(name string, _, _ int64, stream io.ReadCloser) io.ReadCloser {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.bars[name] = new(counter)
	return &countedReader{stream, u.bars[name]}
}
