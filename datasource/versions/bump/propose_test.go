package bump

import (
	"os"
	"strings"
	"testing"
)

// proposed runs the command with -pull-request; the local file must stay as it is.
func proposed(t *testing.T, p *publishers, text string, args ...string) (said string, err error) {
	t.Helper()
	out, err := p.run(t, text, args...)
	if after, _ := os.ReadFile("versions.yaml"); string(after) != text {
		t.Error("-pull-request has changed the local file")
	}
	_, said, _ = strings.Cut(out, "alarms: ")
	_, said, _ = strings.Cut(said, "\n")
	return said, err
}

// bumped is versions.yaml of everything with some of the updates.
func bumped(t *testing.T, p *publishers, text, only string) string {
	t.Helper()
	if _, err := p.run(t, text, "-only", only); err != nil {
		t.Fatal(err)
	}
	after, _ := os.ReadFile("versions.yaml")
	return string(after)
}

func TestPullRequestForAll(t *testing.T) {
	p, text, _ := everything(t)
	f := newForge(p, text)
	want := bumped(t, p, text, "tool,go")
	for _, run := range []struct{ said, writes string }{
		{"Bump 2 pins: pull request 1 opened\n", "POST git/trees, POST git/commits, POST git/refs, POST pulls"},
		{"Bump 2 pins: pull request 1 is up to date\n", "POST git/trees"},
	} {
		f.writes = nil
		said, err := proposed(t, p, text, "-pull-request", "all", "-only", "tool,go")
		if err != nil || said != run.said || strings.Join(f.writes, ", ") != run.writes {
			t.Errorf("said %q after %q, %v; want %+v", said, f.writes, err, run)
		}
		if f.text("ingot-bump/all") != want || f.text("main") != text || len(f.pulls) != 1 {
			t.Errorf("%d pull requests, branch:\n%s", len(f.pulls), f.text("ingot-bump/all"))
		}
	}
	wantBody := `| pin | old → new | published | checksum from | release notes |
| --- | --- | --- | --- | --- |
| ` + "`tools.go`" + ` | 1.0.0 → 2.0.1 | 2030-06-05 | go.dev/dl | [2.0.1](https://go.dev/doc/devel/release#go2.0.1) |
| ` + "`tools.tool`" + ` | 1.0.0 → 2.0.0 | 2030-06-05 | GitHub's digest of the asset | [2.0.0](https://github.com/own/tool/releases/tag/v2.0.0) |

Releases younger than 3 days are left alone. Read the notes, and let ` + "`make test`" + ` build an image with it.
`
	if got := f.pulls[0]; got.Body != wantBody || got.Base["ref"] != "main" {
		t.Errorf("got:\n%s\nwant:\n%s", got.Body, wantBody)
	}
}

func TestPullRequestForEach(t *testing.T) {
	p, text, _ := everything(t)
	f := newForge(p, text)
	said, err := proposed(t, p, text, "-pull-request", "each", "-only", "tool,go")
	if want := "Bump go from 1.0.0 to 2.0.1: pull request 1 opened\nBump tool from 1.0.0 to 2.0.0: pull request 2 opened\n"; said != want || err != nil {
		t.Errorf("said %q, %v", said, err)
	}
	for _, name := range []string{"go", "tool"} {
		if f.text("ingot-bump/"+name) != bumped(t, p, text, name) {
			t.Errorf("%s:\n%s", name, f.text("ingot-bump/"+name))
		}
	}
}

// TestPullRequestIsUpdated: a newer release, and a base that has moved, change the one pull request there is.
func TestPullRequestIsUpdated(t *testing.T) {
	p, text, _ := everything(t)
	f := newForge(p, text)
	if _, err := proposed(t, p, text, "-pull-request", "each", "-only", "tool"); err != nil {
		t.Fatal(err)
	}
	p.repository("own/tool", 3, v("1.0.0"), v("2.0.0"), v("2.1.0"))
	text = "# moved\n" + text
	base := f.commit("main", "by a person", text)
	said, err := proposed(t, p, text, "-pull-request", "each", "-only", "tool")
	if want := "Bump tool from 1.0.0 to 2.1.0: pull request 1 updated\n"; said != want || err != nil {
		t.Errorf("said %q, %v", said, err)
	}
	last := f.commits[f.heads["ingot-bump/tool"]]
	if last.parent != base || last.message != "Bump tool from 1.0.0 to 2.1.0\n\nMade-by: packer-plugin-ingot bump\n" ||
		!strings.Contains(f.text("ingot-bump/tool"), "# moved") || len(f.pulls) != 1 || !strings.Contains(f.pulls[0].Body, "1.0.0 → 2.1.0") {
		t.Errorf("%+v\n%+v", last, f.pulls)
	}
	base = f.commit("main", "of another file", text)
	if said, err := proposed(t, p, text, "-pull-request", "each", "-only", "tool"); said != "Bump tool from 1.0.0 to 2.1.0: pull request 1 is up to date\n" || err != nil {
		t.Errorf("said %q, %v", said, err)
	}
	if got := f.commits[f.heads["ingot-bump/tool"]].parent; got != base {
		t.Errorf("the branch is on top of %s, main is %s", got, base)
	}
}

func TestPullRequestLeavesAlone(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(p *publishers, f *forge)
		file     string // default: what main has
		said     string
		wantErr  string
		unwanted string // a write that must not happen
	}{
		{name: "work of a person on the branch", change: func(_ *publishers, f *forge) { f.commit("ingot-bump/tool", "my own", "x") },
			wantErr: `pull request "Bump tool from 1.0.0 to 2.0.0": the last commit of branch ingot-bump/tool is not ours: left as it is`, unwanted: "PATCH"},
		{name: "one that somebody closed", change: func(_ *publishers, f *forge) {
			f.pulls = []forgePull{{7, "Bump tool from 1.0.0 to 2.0.0", "", "closed", map[string]any{"ref": "ingot-bump/tool"}, nil, nil}}
		}, said: "Bump tool from 1.0.0 to 2.0.0: pull request 7 was closed: not opened again\n", unwanted: "POST"},
		{name: "one that was closed for another version", change: func(_ *publishers, f *forge) {
			f.pulls = []forgePull{{7, "Bump tool from 1.0.0 to 1.5.0", "", "closed", map[string]any{"ref": "ingot-bump/tool"}, nil, nil}}
		}, said: "Bump tool from 1.0.0 to 2.0.0: pull request 2 opened\n", unwanted: "PATCH"},
		{name: "another file than the branch has", change: func(_ *publishers, f *forge) { f.commit("main", "newer", "other") },
			wantErr: "versions.yaml is not what branch main of ingot/images has: check that branch out first", unwanted: "POST"},
		{name: "a token that may not write", change: func(p *publishers, _ *forge) {
			p.answers["api.github.com/repos/ingot/images/pulls"] = code(403, nil)
		}, wantErr: `pull request "Bump tool from 1.0.0 to 2.0.0": asking GitHub for the pull requests of ingot-bump/tool: 403 Forbidden`, unwanted: "POST"},
		{name: "a 500 in the middle is not tried twice", change: func(p *publishers, _ *forge) {
			p.answers["api.github.com/repos/ingot/images/git/commits"] = code(500, nil)
		}, wantErr: `pull request "Bump tool from 1.0.0 to 2.0.0": asking GitHub for a commit on ingot-bump/tool: 500 Internal Server Error`, unwanted: "POST git/commits, POST git/commits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, text, _ := everything(t)
			f := newForge(p, text)
			c.change(p, f)
			said, err := proposed(t, p, text, "-pull-request", "each", "-only", "tool")
			if said != c.said || errorText(err) != c.wantErr {
				t.Errorf("said %q, %v; want %q, %s", said, err, c.said, c.wantErr)
			}
			if writes := strings.ReplaceAll(strings.Join(f.writes, ", "), "POST git/trees", "tree"); strings.Contains(writes, c.unwanted) {
				t.Errorf("wrote %q", writes)
			}
		})
	}
}

// TestPullRequestTellsOfFailures, in words that are no Markdown.
func TestPullRequestTellsOfFailures(t *testing.T) {
	p, text, _ := everything(t)
	f := newForge(p, text)
	p.json("api.github.com/repos/own/tags", map[string]any{"full_name": "evil](https://evil.example) @everyone <img src=x>"})
	if _, err := proposed(t, p, text, "-pull-request", "all", "-only", "tool,tags"); err == nil {
		t.Error("a pin that could not be looked at must make the command fail")
	}
	want := "\nNot looked at:\n\n- `tools.tags`, as it was: failed: update.repository: own/tags is called \"evil?(https://evil.example) ?everyone ?img src=x?\" now: " +
		"see whether it is still the same publisher, and write the new name and URLs\n"
	if len(f.pulls) != 1 || !strings.HasSuffix(f.pulls[0].Body, want) {
		t.Errorf("got %+v", f.pulls)
	}
}

func TestPlain(t *testing.T) {
	if got, want := plain("a\x1b[2J\u202e\n|`<b>` @c #1 *d* é"), "a??2J? ???b?? ?c ?1 ?d? ?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
