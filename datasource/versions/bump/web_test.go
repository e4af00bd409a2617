package bump

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestRedirects: https may lead to https only, and not for ever.
func TestRedirects(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "in clear text") }))
	defer plain.Close()
	var secure *httptest.Server
	secure = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/down":
			http.Redirect(w, r, plain.URL, http.StatusFound)
		case "/across":
			http.Redirect(w, r, secure.URL+"/", http.StatusFound)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		default:
			io.WriteString(w, "over TLS")
		}
	}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer secure.Close()
	w := newWeb(options{retryWait: time.Millisecond}, log.New(io.Discard, "", 0))
	w.client.HTTPClient.Transport = secure.Client().Transport
	host := strings.TrimPrefix(secure.URL, "https://")
	for path, want := range map[string]struct{ content, err string }{
		"/across": {content: "over TLS"},
		"/down":   {err: secure.URL + "/down: " + host + " redirects to what is not https"},
		"/circle": {err: secure.URL + "/circle: more than 10 redirects"},
	} {
		got, err := w.read(t.Context(), secure.URL+path)
		if string(got) != want.content || errorText(err) != want.err {
			t.Errorf("%s: got %q, %v", path, got, err)
		}
	}
}

// TestIndexIsBounded: no publisher fills this machine's memory.
func TestIndexIsBounded(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for chunk := make([]byte, 1<<20); r.Context().Err() == nil; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	w := newWeb(options{retryWait: time.Millisecond}, log.New(io.Discard, "", 0))
	if _, err := w.read(t.Context(), endless.URL); errorText(err) != endless.URL+": has more than 67108864 bytes" {
		t.Errorf("got %v", err)
	}
}
