package versions

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestCheck asks a real server that answers each name in its own way, and compares the whole output with testdata/check.want.
func TestCheck(t *testing.T) {
	cases := []struct {
		name     string
		answer   func(w http.ResponseWriter, r *http.Request, nth int)
		requests int
	}{
		{name: "right", requests: 1, answer: whole},
		{name: "wrong", requests: 1, answer: func(w http.ResponseWriter, _ *http.Request, _ int) { io.WriteString(w, "another file") }},
		{name: "empty", requests: 1, answer: func(http.ResponseWriter, *http.Request, int) {}},
		{name: "absent", requests: 1, answer: func(w http.ResponseWriter, r *http.Request, _ int) { http.NotFound(w, r) }},
		{name: "rude", requests: 1, answer: rude},
		{name: "bad-moment", requests: 2, answer: func(w http.ResponseWriter, r *http.Request, nth int) {
			if nth == 1 {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			whole(w, r, nth)
		}},
		{name: "broken", requests: 4, answer: func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusInternalServerError) }},
		{name: "too-busy", requests: 4, answer: func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusTooManyRequests) }},
		{name: "cut", requests: 4, answer: func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "only the beginning")
		}},
		{name: "cut-once", requests: 2, answer: func(w http.ResponseWriter, r *http.Request, nth int) {
			if nth == 1 {
				w.Header().Set("Content-Length", "1000")
			}
			whole(w, r, nth)
		}},
		{name: "moved", requests: 2, answer: func(w http.ResponseWriter, r *http.Request, nth int) {
			if nth == 1 {
				http.Redirect(w, r, r.URL.Path+"?signed", http.StatusFound)
				return
			}
			whole(w, r, nth)
		}},
		{name: "moved-for-ever", requests: 10, answer: func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}},
		{name: "gzip-eager", requests: 1, answer: func(w http.ResponseWriter, r *http.Request, nth int) {
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				w.Header().Set("Content-Encoding", "gzip")
			}
			whole(w, r, nth)
		}},
	}
	counts, names := map[string]*atomic.Int64{}, []string{}
	mux := http.NewServeMux()
	for _, c := range cases {
		count := new(atomic.Int64)
		counts[c.name], names = count, append(names, c.name)
		mux.HandleFunc("/mirror/1.0/"+c.name, func(w http.ResponseWriter, r *http.Request) { c.answer(w, r, int(count.Add(1))) })
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	want, _ := filepath.Abs("testdata/check.want") // runCheck leaves this folder
	out, err := runCheck(t, t.Context(), names, "-mirror", "example.com="+server.URL+"/mirror")
	golden(t, want, out)
	if want := "versions.yaml: 8 of 13 files are not ok, see the table"; errorText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	for _, c := range cases {
		if got := int(counts[c.name].Load()); got != c.requests {
			t.Errorf("%s: the server was asked %d times, want %d", c.name, got, c.requests)
		}
	}
}

// TestCheckCommand is the command as it is typed: both sections and architectures, and progress apart from the result.
func TestCheckCommand(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { whole(w, r, 1) }))
	defer server.Close()
	t.Chdir(t.TempDir())
	pins := fmt.Sprintf("images:\n  debian-13:\n    version: 1.0\n    update: {type: go-release}\n"+
		"    amd64: {url: https://example.com/1.0/a, checksum: sha512:%x}\n    arm64: {url: https://example.com/1.0/b, checksum: sha256:%x}\n",
		sha512.Sum512([]byte("file /1.0/a")), sha256.Sum256([]byte("file /1.0/b"))) +
		fmt.Sprintf("tools:\n  go:\n    version: 1.0\n    update: {type: go-release}\n    arm64: {url: https://example.com/1.0/c, checksum: sha256:%x}\n",
			sha256.Sum256([]byte("file /1.0/c")))
	if err := os.WriteFile("pins.yaml", []byte(pins), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{want: []string{"image │ debian-13 │ amd64        │ 1.0     │    11 │ ok", "image │ debian-13 │ arm64        │ 1.0     │    11 │ ok",
			"tool  │ go        │ arm64        │ 1.0     │    11 │ ok"}},
		{args: []string{"-only", "go,debian-13", "-architecture", "amd64"}, want: []string{"image │ debian-13 │ amd64        │ 1.0     │    11 │ ok"}},
		{args: []string{"-only", "go", "-only", "debian-13", "-architecture", "arm64"}, want: []string{
			"image │ debian-13 │ arm64        │ 1.0     │    11 │ ok", "tool  │ go        │ arm64        │ 1.0     │    11 │ ok"}},
	} {
		var out, progress bytes.Buffer
		args := append([]string{"check", "-file", "pins.yaml", "-mirror", "example.com=" + server.URL}, c.args...)
		if err := Command(t.Context(), args, &out, &progress); err != nil {
			t.Error(err)
		}
		if got := rows(out.String()); !slices.Equal(got, c.want) {
			t.Errorf("%v\n got: %q\nwant: %q", c.args, got, c.want)
		}
		if want := fmt.Sprintf("\nfiles: %d, ok: %[1]d, not ok: 0\n", len(c.want)); !strings.HasSuffix(out.String(), want) {
			t.Errorf("%v: must end with %q\n%s", c.args, want, out.String())
		}
		if !strings.Contains(progress.String(), "image debian-13") {
			t.Errorf("%v: no progress: %s", c.args, progress.String())
		}
	}
}

// whole answers with the file that versions.yaml of given pins for the path.
func whole(w http.ResponseWriter, r *http.Request, _ int) {
	fmt.Fprint(w, content(strings.TrimPrefix(r.URL.Path, "/mirror")))
}

func content(path string) string { return "file " + path }

// given is a check of a versions.yaml with names as tools, all for amd64 and on host; it hardly waits between attempts.
func given(t *testing.T, host string, names []string, args ...string) *check {
	t.Helper()
	text := "images: {}\ntools:\n"
	for _, name := range names {
		text += fmt.Sprintf("  %s:\n    version: 1.0\n    update: {type: go-release}\n    amd64: {url: https://%s/1.0/%s, checksum: sha256:%x}\n",
			name, host, name, sha256.Sum256([]byte(content("/1.0/"+name))))
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("versions.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := newCheck(t.Output())
	c.retryWait = time.Millisecond
	if err := c.parse(args, io.Discard); err != nil {
		t.Fatal(err)
	}
	return c
}

func runCheck(t *testing.T, ctx context.Context, names []string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := given(t, "example.com", names, args...).run(ctx, &out)
	return out.String(), err
}

// rows are the table's lines without its frame and header.
func rows(table string) []string {
	var lines []string
	for line := range strings.Lines(table) {
		if line = strings.Trim(line, "│ \n"); strings.HasPrefix(line, "image") || strings.HasPrefix(line, "tool") {
			lines = append(lines, line)
		}
	}
	return lines
}

// rude writes to the terminal of whoever shows its status line.
func rude(w http.ResponseWriter, _ *http.Request, _ int) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		io.WriteString(connection, "HTTP/1.1 403 \x1b[2Jgone\r\nContent-Length: 0\r\n\r\n")
		connection.Close()
	}
}
