package bump

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(value)
}

// tool is a versions.yaml with one pin, of GitHub's repository own/tool, for both architectures.
func tool(version, more string) string {
	text := fmt.Sprintf("images: {}\ntools:\n  tool:\n    version: %s\n    update: {type: github-release, repository: own/tool%s}\n", version, more)
	for _, arch := range []string{"amd64", "arm64"} {
		name := fmt.Sprintf("tool_%s_%s.tar.gz", version, arch)
		text += fmt.Sprintf("    %s:\n      url: https://github.com/own/tool/releases/download/v%s/%s\n      checksum: sha256:%s\n", arch, version, name, sum256(name))
	}
	return text
}

// names are the assets of a release of the tool.
func names(version string) []string {
	return []string{"tool_" + version + "_amd64.tar.gz", "tool_" + version + "_arm64.tar.gz"}
}

func v(version string) jsonRelease { return published("own/tool", "v"+version, names(version)...) }

func TestGitHubReleases(t *testing.T) {
	const moves, stays = "1.0.0 → 1.1.0: update, published 2030-06-05", "1.0.0: current"
	sums := func(version string, amd64 string) (jsonAsset, string) {
		name := "tool_" + version + "_checksums.txt"
		return jsonAsset{name, "uploaded", 1, daysAgo(10), nil, "https://github.com/own/tool/releases/download/v" + version + "/" + name},
			fmt.Sprintf("%s  %s\n%s *./%s\n", amd64, names(version)[0], sum256(names(version)[1]), names(version)[1])
	}
	wrong := sum256("another file")
	for _, c := range []struct {
		name     string
		pin      string // default: tool("1.0.0", "")
		releases []jsonRelease
		change   func(p *publishers)
		args     []string
		want     string
	}{
		{name: "newest of two", releases: []jsonRelease{v("1.0.0"), v("1.1.0")}, want: moves},
		{name: "nothing newer", releases: []jsonRelease{v("1.0.0"), v("0.9.9")}, want: stays},
		{name: "numbers, not letters", pin: tool("1.9.0", ""), releases: []jsonRelease{v("1.9.0"), v("1.10.0")}, want: "1.9.0 → 1.10.0: update, published 2030-06-05"},
		{name: "an old line is maintained", pin: tool("1.9.0", ""), releases: []jsonRelease{v("0.8.7").on(daysAgo(4)), v("1.9.0")}, want: "1.9.0: current"},
		{name: "pre-release", releases: []jsonRelease{v("1.0.0"), v("1.1.0-rc.1"), func() jsonRelease { r := v("1.2.0"); r.PreRelease = true; return r }()}, want: stays},
		{name: "pre-release allowed", pin: tool("1.0.0", ", pre_releases: allowed"), releases: []jsonRelease{v("1.0.0"), v("1.1.0-rc.1")},
			want: "1.0.0 → 1.1.0-rc.1: update, published 2030-06-05"},
		{name: "draft", releases: []jsonRelease{v("1.0.0"), func() jsonRelease { r := v("1.1.0"); r.Draft = true; return r }()}, want: stays},
		{name: "withdrawn", pin: tool("1.0.0", ""), releases: []jsonRelease{v("0.9.0")}, want: "1.0.0: current; the pinned version is not listed"},
		{name: "withdrawn, and downgrades allowed", pin: tool("1.0.0", ", downgrades: allowed"), releases: []jsonRelease{v("0.8.0"), v("0.9.0")},
			want: "1.0.0 → 0.9.0: update, published 2030-06-05; the pinned version is not listed"},
		{name: "too young", releases: []jsonRelease{v("1.0.0"), v("1.1.0").on(daysAgo(2))}, want: "1.0.0: waiting; 1.1.0 waits until 2030-06-16 12:00 UTC"},
		{name: "the newest is too young", releases: []jsonRelease{v("1.0.0"), v("1.2.0").on(daysAgo(2)), v("1.1.0")}, want: moves + "; 1.2.0 waits until 2030-06-16 12:00 UTC"},
		{name: "an asset that was replaced later", releases: []jsonRelease{v("1.0.0"), v("1.1.0").change(func(a *jsonAsset) { a.Updated = daysAgo(1) })},
			want: "1.0.0: waiting; 1.1.0 waits until 2030-06-17 12:00 UTC"},
		{name: "no cool-down", releases: []jsonRelease{v("1.0.0"), v("1.1.0").on(today)}, args: []string{"-cool-down", "0"}, want: "1.0.0 → 1.1.0: update, published 2030-06-15"},
		{name: "GitHub has no date", releases: []jsonRelease{v("1.0.0"), func() jsonRelease { r := v("1.1.0"); r.PublishedAt = nil; return r }()},
			want: "1.0.0: failed: when 1.1.0 was published: GitHub does not say"},

		{name: "paging", releases: func() (all []jsonRelease) {
			for i := range 7 {
				all = append(all, published("own/tool", fmt.Sprintf("nightly-%d", i)))
			}
			return append(all, v("1.1.0"), v("1.0.0"))
		}(), want: moves},
		{name: "tag without v", releases: []jsonRelease{v("1.0.0"), published("own/tool", "1.1.0", names("1.1.0")...)}, want: moves},
		{name: "malicious tags", releases: []jsonRelease{v("1.0.0"), published("own/tool", "v9.9.9/../../../other/repo", names("9.9.9")...),
			published("own/tool", "v9.9.9\x1b[2J", names("9.9.9")...), published("own/tool", "v9.9.9\n    checksum: x", names("9.9.9")...),
			published("own/tool", "v9.9.9$(reboot)", names("9.9.9")...), published("own/tool", "v9.9.9 # &x", names("9.9.9")...), published("own/tool", "", names("9.9.9")...)}, want: stays},
		{name: "missing asset", releases: []jsonRelease{v("1.0.0"), published("own/tool", "v1.1.0", names("1.1.0")[0])},
			want: `1.0.0: failed: release 1.1.0: arm64: there is no asset tool_1.1.0_arm64.tar.gz among "tool_1.1.0_amd64.tar.gz"`},
		{name: "half uploaded asset", releases: []jsonRelease{v("1.0.0"), v("1.1.0").change(func(a *jsonAsset) { a.State = "starter" })},
			want: `1.0.0: failed: release 1.1.0: amd64: there is no asset tool_1.1.0_amd64.tar.gz among "tool_1.1.0_amd64.tar.gz", "tool_1.1.0_arm64.tar.gz"`},
		{name: "malicious asset name", releases: []jsonRelease{v("1.0.0"), published("own/tool", "v1.1.0", "../../tool_1.1.0_amd64.tar.gz\x1b[2J", "](https://evil.example)|@everyone")},
			want: `1.0.0: failed: release 1.1.0: amd64: there is no asset tool_1.1.0_amd64.tar.gz among "../../tool_1.1.0_amd64.tar.gz\x1b?2J", "?(https://evil.example)??everyone"`},
		{name: "asset from elsewhere", releases: []jsonRelease{v("1.0.0"), v("1.1.0").change(func(a *jsonAsset) { a.URL = "https://evil.example/x" })},
			want: `1.0.0: failed: release 1.1.0: amd64: the asset tool_1.1.0_amd64.tar.gz is to be downloaded from "https://evil.example/x", and not from https://github.com/own/tool/releases/download/v1.1.0/tool_1.1.0_amd64.tar.gz`},
		{name: "nonsense digest", releases: []jsonRelease{v("1.0.0"), v("1.1.0").change(func(a *jsonAsset) { s := "md5:0"; a.Digest = &s })},
			want: `1.0.0: failed: release 1.1.0: amd64: GitHub's digest of tool_1.1.0_amd64.tar.gz is no sha256 or sha512: "md5:0"`},
		{name: "wrong digest, seen beside the file of checksums", releases: func() []jsonRelease {
			r := v("1.1.0").change(func(a *jsonAsset) { s := "sha256:" + wrong; a.Digest = &s })
			asset, _ := sums("1.1.0", "")
			r.Assets = append(r.Assets, asset)
			return []jsonRelease{v("1.0.0"), r}
		}(), change: func(p *publishers) {
			asset, text := sums("1.1.0", sum256(names("1.1.0")[0]))
			p.text("release-assets.githubusercontent.com/"+asset.Name, text)
		}, want: "1.0.0: ALARM: release 1.1.0: amd64: tool_1.1.0_amd64.tar.gz of release v1.1.0: GitHub's digest is sha256:" + wrong +
			", and tool_1.1.0_checksums.txt says sha256:" + sum256(names("1.1.0")[0])},
		{name: "wrong digest, seen by downloading", releases: []jsonRelease{v("1.0.0"), v("1.1.0").change(func(a *jsonAsset) { s := "sha256:" + wrong; a.Digest = &s })},
			args: []string{"-download"}, want: "1.0.0: ALARM: release 1.1.0: amd64: https://github.com/own/tool/releases/download/v1.1.0/tool_1.1.0_amd64.tar.gz has the checksum sha256:" +
				sum256(names("1.1.0")[0]) + ", published is sha256:" + wrong},
		{name: "the pinned version has another checksum", releases: []jsonRelease{v("1.1.0"), v("1.0.0").change(func(a *jsonAsset) { s := "sha256:" + wrong; a.Digest = &s })},
			want: "1.0.0: ALARM: version 1.0.0 for amd64 has another checksum now: pinned sha256:" + sum256(names("1.0.0")[0]) + ", GitHub's digest of the asset says sha256:" + wrong},
		{name: "no digest, a file of checksums", releases: func() []jsonRelease {
			r := v("1.1.0").withoutDigests()
			asset, _ := sums("1.1.0", "")
			r.Assets = append(r.Assets, asset)
			return []jsonRelease{v("1.0.0"), r}
		}(), change: func(p *publishers) {
			asset, text := sums("1.1.0", sum256(names("1.1.0")[0]))
			p.text("release-assets.githubusercontent.com/"+asset.Name, text)
		}, want: moves},
		{name: "no checksum at all: downloaded", releases: []jsonRelease{v("1.0.0").withoutDigests(), v("1.1.0").withoutDigests()}, want: moves + "; no checksum to compare with"},
		{name: "another size than GitHub has", releases: []jsonRelease{v("1.0.0"), v("1.1.0").withoutDigests().change(func(a *jsonAsset) { a.Size = 5 })},
			want: "1.0.0: failed: release 1.1.0: amd64: https://github.com/own/tool/releases/download/v1.1.0/tool_1.1.0_amd64.tar.gz has 28 bytes, GitHub says 5"},
		{name: "truncated download", releases: []jsonRelease{v("1.0.0"), v("1.1.0").withoutDigests()}, change: func(p *publishers) {
			p.answers["release-assets.githubusercontent.com/"+names("1.1.0")[0]] = truncated
		}, want: "1.0.0: failed: release 1.1.0: amd64: https://github.com/own/tool/releases/download/v1.1.0/tool_1.1.0_amd64.tar.gz: unexpected EOF, after 4 attempts"},

		{name: "renamed", releases: nil, change: func(p *publishers) {
			p.json("api.github.com/repositories/17", map[string]any{"full_name": "someone-else/tool"})
			p.answers["api.github.com/repos/own/tool"] = func(w http.ResponseWriter, r *http.Request) { // 301, with the number of the repository
				http.Redirect(w, r, p.URL+"/api.github.com/repositories/17", http.StatusMovedPermanently)
			}
		}, want: `1.0.0: failed: update.repository: own/tool is called "someone-else/tool" now: see whether it is still the same publisher, and write the new name and URLs`},
		{name: "gone", change: func(p *publishers) { delete(p.answers, "api.github.com/repos/own/tool") },
			want: "1.0.0: failed: asking GitHub for own/tool: 404 Not Found"},
		{name: "500", change: func(p *publishers) { p.answers["api.github.com/repos/own/tool/releases"] = code(500, nil) },
			want: "1.0.0: failed: asking GitHub for the releases of own/tool: 500 Internal Server Error"},
		{name: "500 once", releases: []jsonRelease{v("1.0.0"), v("1.1.0")}, change: func(p *publishers) {
			once(p, "api.github.com/repos/own/tool/releases", code(500, nil))
		}, want: moves},
		{name: "truncated list", change: func(p *publishers) { p.answers["api.github.com/repos/own/tool/releases"] = truncated },
			want: "1.0.0: failed: asking GitHub for the releases of own/tool: unexpected EOF"},
		{name: "nonsense", change: func(p *publishers) { p.text("api.github.com/repos/own/tool/releases", "<html>") },
			want: "1.0.0: failed: asking GitHub for the releases of own/tool: invalid character '?' looking for beginning of value"},
		{name: "rate limit", change: func(p *publishers) {
			p.answers["api.github.com/repos/own/tool/releases"] = code(403, map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"})
		}, want: "1.0.0: failed: asking GitHub for the releases of own/tool: its rate limit is used up until 2100-01-01 00:00:01 UTC; a token in $GITHUB_TOKEN has a higher one"},
		{name: "rate limit that ends soon", releases: []jsonRelease{v("1.0.0"), v("1.1.0")}, change: func(p *publishers) {
			once(p, "api.github.com/repos/own/tool/releases", func(w http.ResponseWriter, r *http.Request) {
				soon := strconv.FormatInt(time.Now().Unix(), 10)
				code(403, map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": soon})(w, r)
			})
		}, want: moves},
		{name: "429 that ends soon", releases: []jsonRelease{v("1.0.0"), v("1.1.0")}, change: func(p *publishers) {
			once(p, "api.github.com/repos/own/tool/releases", code(429, map[string]string{"Retry-After": "1"}))
		}, want: moves},
		{name: "secondary rate limit", change: func(p *publishers) {
			p.answers["api.github.com/repos/own/tool/releases"] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusForbidden)
				io.WriteString(w, `{"message": "slower", "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`)
			}
		}, want: "1.0.0: failed: asking GitHub for the releases of own/tool: its rate limit is used up until "},
		{name: "not allowed", change: func(p *publishers) { p.answers["api.github.com/repos/own/tool"] = code(403, nil) },
			want: "1.0.0: failed: asking GitHub for own/tool: 403 Forbidden"},
		{name: "for ever elsewhere", change: func(p *publishers) {
			p.answers["api.github.com/repos/own/tool"] = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, r.URL.Path, http.StatusMovedPermanently)
			}
		}, want: "1.0.0: failed: asking GitHub for own/tool: more than 10 redirects"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPublishers(t)
			p.repository("own/tool", 3, c.releases...)
			if c.change != nil {
				c.change(p)
			}
			if c.pin == "" {
				c.pin = tool("1.0.0", "")
			}
			got := p.states(t, c.pin, c.args...)
			if strings.HasSuffix(c.want, "until ") && strings.HasPrefix(got["tools.tool"], c.want) {
				return // what follows is the time of day
			}
			wantStates(t, got, map[string]string{"tools.tool": c.want})
		})
	}
}

// TestToken: GitHub's API gets it, and nobody else, wherever it redirects to.
func TestToken(t *testing.T) {
	p := newPublishers(t)
	elsewhere := newPublishers(t)
	elsewhere.json("repository", map[string]any{"full_name": "own/tool"})
	p.repository("own/tool", 3, v("1.0.0").withoutDigests(), v("1.1.0").withoutDigests())
	p.answers["api.github.com/repos/own/tool"] = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/repository", http.StatusMovedPermanently)
	}
	wantStates(t, p.states(t, tool("1.0.0", "")), map[string]string{"tools.tool": "1.0.0 → 1.1.0: update, published 2030-06-05; no checksum to compare with"})
	for _, r := range append(p.requests, elsewhere.requests...) {
		want := ""
		if strings.HasPrefix(r.URL.Path, "/api.github.com/") {
			want = "Bearer secret-token"
		}
		if got := r.Header.Get("Authorization"); got != want {
			t.Errorf("%s %s: got the header Authorization %q, want %q", r.Host, r.URL.Path, got, want)
		}
	}
	if len(elsewhere.requests) == 0 {
		t.Error("the redirect was not followed")
	}
}

// TestTokenInClearText: a mirror gets the token by https only, or on this machine.
func TestTokenInClearText(t *testing.T) {
	for mirror, want := range map[string]string{"http://mirror.example": "", "https://mirror.example": "Bearer t", "http://127.0.0.1:1": "Bearer t"} {
		base, _ := url.Parse(mirror + "/api/")
		var got string
		a := authorized{base: base, token: "t", next: roundTrip(func(r *http.Request) { got = r.Header.Get("Authorization") })}
		request, _ := http.NewRequest(http.MethodGet, mirror+"/api/repos", nil)
		a.RoundTrip(request)
		if got != want {
			t.Errorf("%s: got the header Authorization %q, want %q", mirror, got, want)
		}
	}
}

type roundTrip func(*http.Request)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r)
	return nil, http.ErrUseLastResponse
}

// TestRateLimitIsHonoured: once GitHub has said until when, it is asked no more, also not for other pins.
func TestRateLimitIsHonoured(t *testing.T) {
	p := newPublishers(t)
	limited := code(403, map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"})
	p.answers["api.github.com/repos/own/tool"], p.answers["api.github.com/repos/own/other"] = limited, limited
	text := tool("1.0.0", "")
	_, second, _ := strings.Cut(strings.NewReplacer("own/tool", "own/other", "  tool:", "  other:", sum256(names("1.0.0")[0]), sum256("a"), sum256(names("1.0.0")[1]), sum256("b")).Replace(text), "tools:\n")
	out, err := p.run(t, text+second)
	if errorText(err) != "2 of 2 pins could not be looked at, and are as they were, see the table" || strings.Count(out, "until 2100-01-01") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	if len(p.requests) != 1 {
		t.Errorf("GitHub was asked %d times", len(p.requests))
	}
}

func TestInterrupt(t *testing.T) {
	p := newPublishers(t)
	p.repository("own/tool", 3, v("1.0.0"), v("1.1.0"))
	b, _ := p.command(t, tool("1.0.0", ""))
	ctx, stop := context.WithCancelCause(t.Context())
	stop(errors.New("interrupt signal received"))
	err := b.run(ctx, io.Discard)
	if after, _ := os.ReadFile("versions.yaml"); errorText(err) != "stopped before the end, and nothing is changed: interrupt signal received" || string(after) != tool("1.0.0", "") {
		t.Errorf("%v\n%s", err, after)
	}
}

// code is an answer with a status and headers, and a message as GitHub's have one.
func code(status int, headers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, `{"message": "a message", "documentation_url": "https://docs.github.com/rest"}`)
	}
}

// truncated ends before the length that it has announced.
func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `[{"tag_name": "v1.`)
}

// once gives another answer to the first request.
func once(p *publishers, at string, first http.HandlerFunc) {
	var asked atomic.Int64
	then := p.answers[at]
	p.answers[at] = func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			first(w, r)
			return
		}
		then(w, r)
	}
}
