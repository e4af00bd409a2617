package versions

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestCheckWithoutMirror: https may lead to https only.
func TestCheckWithoutMirror(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { whole(w, r, 1) }))
	defer plain.Close()
	var secure *httptest.Server
	var turns atomic.Int64
	secure = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/down"):
			http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/circle"):
			turns.Add(1)
			http.Redirect(w, r, secure.URL+r.URL.Path, http.StatusFound)
		case r.URL.RawQuery == "":
			http.Redirect(w, r, secure.URL+r.URL.Path+"?signed", http.StatusFound)
		default:
			whole(w, r, 1)
		}
	}))
	defer secure.Close()
	c := given(t, strings.TrimPrefix(secure.URL, "https://"), []string{"across", "circle", "down"})
	c.transport.TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	var out bytes.Buffer
	_ = c.run(t.Context(), &out)
	port := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	want := []string{
		"tool │ across │ amd64        │ 1.0     │    16 │ ok",
		"tool │ circle │ amd64        │ 1.0     │     0 │ unreachable: more than 10 redirects",
		"tool │ down   │ amd64        │ 1.0     │     0 │ unreachable: HOST redirects to http://HOST, which is not https",
	}
	if got := rows(port.ReplaceAllString(out.String(), "HOST")); !slices.Equal(got, want) {
		t.Errorf("\n got: %q\nwant: %q", got, want)
	}
	if turns.Load() != 10 {
		t.Errorf("went %d times in the circle", turns.Load())
	}
}

func TestCheckTimeout(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, "slow")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	out, _ := runCheck(t, t.Context(), []string{"slow"}, "-mirror", "example.com="+server.URL, "-timeout", "200ms")
	want := []string{"tool │ slow │ amd64        │ 1.0     │     4 │ unreachable: not complete within 200ms (-timeout)"}
	if got := rows(out); !slices.Equal(got, want) {
		t.Errorf("\n got: %q\nwant: %q", got, want)
	}
}

func TestCheckCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		cancel(errors.New("interrupt signal received"))
		<-r.Context().Done()
	}))
	defer server.Close()
	started := time.Now()
	out, err := runCheck(t, ctx, []string{"first", "second"}, "-mirror", "example.com="+server.URL, "-parallel", "1")
	want := []string{
		"tool │ first  │ amd64        │ 1.0     │     0 │ not checked: interrupt signal received",
		"tool │ second │ amd64        │ 1.0     │     0 │ not checked: interrupt signal received",
	}
	if got := rows(out); !slices.Equal(got, want) || err == nil {
		t.Errorf("%v\n got: %q\nwant: %q", err, got, want)
	}
	if requests.Load() != 1 || time.Since(started) > 10*time.Second {
		t.Errorf("%d requests, %s after the start", requests.Load(), time.Since(started))
	}
}
