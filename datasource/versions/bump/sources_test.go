package bump

import (
	"errors"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

var updateFiles = flag.Bool("update", false, "rewrite the .want files")

// everything is a publisher of each kind, with something newer, and testdata/versions.yaml, which pins what came before.
func everything(t *testing.T) (*publishers, string, signer) {
	p, s := newPublishers(t), newSigner(t)
	p.goDev("2.1rc1", "2.0.1", "1.0.0")
	p.rust("2030-06-05", "2.0.0", func(text string) string { return text })
	p.debian("20300601-1", "20300610-17", "20300614-20")
	p.ubuntu("20300601", "20300608", "20300614")
	p.hashicorp(s, "1.0.0", "2.0.0", "2.1.0-beta1", "2.1.0+ent")
	p.apt(s, "", "1.0.0", "2.0.0", "2.1.0~rc1")
	p.flat(s, "1.0.0-1", "2.0.0-1")
	p.repository("own/tool", 3, v("1.0.0"), v("2.0.0"))
	p.json("api.github.com/repos/own/tags", map[string]any{"full_name": "own/tags"})
	p.paged("api.github.com/repos/own/tags/tags", 1, 2, func(from, to int) any {
		return []map[string]any{{"name": "v1.0.0", "commit": map[string]string{"sha": "1111"}}, {"name": "v2.0.0", "commit": map[string]string{"sha": "2222"}}}[from:to]
	})
	p.json("api.github.com/repos/own/tags/git/commits/2222", map[string]any{"sha": "2222", "committer": map[string]any{"date": daysAgo(20)}})
	p.text("downloads.example/tags-2.0.0-amd64.tar", content("tags-2.0.0-amd64.tar"))
	text, err := os.ReadFile("testdata/versions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sums := regexp.MustCompile(`SUM(256|512)\((.*?)\)`)
	filled := sums.ReplaceAllStringFunc(string(text), func(call string) string {
		match := sums.FindStringSubmatch(call)
		if match[1] == "512" {
			return sum512(match[2])
		}
		return sum256(match[2])
	})
	return p, strings.ReplaceAll(filled, "FINGERPRINT", s.fingerprint()), s
}

// TestEverySource runs the command over a file with every kind of update, and compares the table and the diff.
func TestEverySource(t *testing.T) {
	p, text, s := everything(t)
	used := map[string]bool{}
	pins, err := versions.Parse("versions.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range []map[string]versions.Pin{pins.Images, pins.Tools} {
		for _, one := range section {
			used[one.Update.Type] = true
		}
	}
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, versions.UpdateTypes()) || len(sources) != len(used) {
		t.Errorf("testdata/versions.yaml must have every type of update, has %v", got)
	}
	out, err := p.run(t, text, "-dry-run")
	if err != nil {
		t.Error(err)
	}
	out = strings.ReplaceAll(out, s.fingerprint(), "FINGERPRINT")
	if *updateFiles {
		os.WriteFile(wantFile, []byte(out), 0o644)
	}
	if want, _ := os.ReadFile(wantFile); string(want) != out {
		t.Errorf("\n got: %s\nwant: %s", out, want)
	}
	if after, _ := os.ReadFile("versions.yaml"); string(after) != text {
		t.Error("-dry-run has changed the file")
	}
}

var wantFile = func() string { folder, _ := os.Getwd(); return folder + "/testdata/everything.want" }()

// TestWrite: the file has the new versions, all else as it was, and then there is nothing more to do.
func TestWrite(t *testing.T) {
	p, text, _ := everything(t)
	if _, err := p.run(t, text, "-check"); !errors.Is(err, ErrOutdated) {
		t.Errorf("-check: got %v", err)
	}
	if after, _ := os.ReadFile("versions.yaml"); string(after) != text {
		t.Error("-check has changed the file")
	}
	if _, err := p.run(t, text); err != nil {
		t.Fatal(err)
	}
	after, _ := os.ReadFile("versions.yaml")
	info, _ := os.Stat("versions.yaml")
	if entries, _ := os.ReadDir("."); len(entries) != 1 || info.Mode() != 0o640 {
		t.Errorf("got %v, %v", entries, info.Mode())
	}
	before := strings.Split(text, "\n")
	for i, line := range strings.Split(string(after), "\n") {
		if line != before[i] && !regexp.MustCompile(`version:|url:|checksum:`).MatchString(line) {
			t.Errorf("line %d was %q, is %q", i+1, before[i], line)
		}
	}
	out, err := p.run(t, string(after), "-check")
	if err != nil || !strings.Contains(out, "pins: 9, current: 9, updates: 0, failed: 0, alarms: 0") {
		t.Errorf("the second time: %v\n%s", err, out)
	}
}

func TestOnly(t *testing.T) {
	p, text, _ := everything(t)
	if _, err := p.run(t, text, "-only", "go,debian-13"); err != nil {
		t.Fatal(err)
	}
	after, _ := os.ReadFile("versions.yaml")
	changed := 0
	before := strings.Split(text, "\n")
	for i, line := range strings.Split(string(after), "\n") {
		if line != before[i] {
			changed++
		}
	}
	if changed != 8 { // versions, URLs and checksums; Go's are two lines
		t.Errorf("%d lines have changed", changed)
	}
	if _, err := p.run(t, text, "-only", "goo"); errorText(err) == "" || !strings.HasPrefix(err.Error(), `-only: unknown name "goo"; versions.yaml has debian-13, ubuntu-24.04, `) {
		t.Errorf("got %v", err)
	}
}

// TestOneBadPublisher leaves its own pin as it was, is reported, and hinders no other.
func TestOneBadPublisher(t *testing.T) {
	p, text, _ := everything(t)
	p.answers["go.dev/dl/"] = code(500, nil)
	out, err := p.run(t, text)
	if want := "1 of 9 pins could not be looked at, and are as they were, see the table"; errorText(err) != want {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(out, "failed: https://go.dev/dl/?mode=json&include=all: 500 Internal Server Error, after 4 attempts") {
		t.Error(out)
	}
	after, _ := os.ReadFile("versions.yaml")
	if strings.Contains(string(after), "go2.0.1") || !strings.Contains(string(after), "tool_2.0.0") {
		t.Errorf("got:\n%s", after)
	}
}

func TestPublishersWhoSayNonsense(t *testing.T) {
	wrong := sum256("another file")
	for _, c := range []struct {
		name   string
		change func(p *publishers, s signer)
		want   map[string]string
		args   []string
	}{
		{name: "Go: another checksum for the pinned version", change: func(p *publishers, _ signer) {
			p.json("go.dev/dl/", []map[string]any{{"version": "go1.0.0", "stable": true, "files": []map[string]any{
				{"filename": "go1.0.0.linux-amd64.tar.gz", "sha256": wrong}, {"filename": "go1.0.0.linux-arm64.tar.gz", "sha256": wrong}}}})
		}, want: map[string]string{"tools.go": "1.0.0: ALARM: version 1.0.0 for amd64 has another checksum now: pinned sha256:" + sum256("go1.0.0.linux-amd64.tar.gz") + ", go.dev/dl says sha256:" + wrong}},
		{name: "Go: one architecture only", change: func(p *publishers, _ signer) {
			p.json("go.dev/dl/", []map[string]any{{"version": "go2.0.1", "stable": true, "files": []map[string]any{{"filename": "go2.0.1.linux-amd64.tar.gz", "sha256": wrong}}}})
		}, want: map[string]string{"tools.go": "1.0.0: failed: release 2.0.1: arm64: go.dev/dl lists no go2.0.1.linux-arm64.tar.gz"}},
		{name: "Go: not stable", change: func(p *publishers, _ signer) {
			p.json("go.dev/dl/", []map[string]any{{"version": "go3.0.0", "stable": false}})
		}, want: map[string]string{"tools.go": "1.0.0: current; the pinned version is not listed"}},
		{name: "Go: truncated", change: func(p *publishers, _ signer) { p.answers["go.dev/dl/"] = truncated },
			want: map[string]string{"tools.go": "1.0.0: failed: https://go.dev/dl/?mode=json&include=all: unexpected EOF, after 4 attempts"}},
		{name: "Go: busy", change: func(p *publishers, _ signer) {
			p.answers["go.dev/dl/"] = code(429, map[string]string{"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"})
		},
			want: map[string]string{"tools.go": "1.0.0: failed: https://go.dev/dl/?mode=json&include=all: 429 Too Many Requests, to be asked again after 2100-01-01 00:00:00 UTC"}},
		{name: "Go: too young", change: func(p *publishers, _ signer) {
			p.modified("go.dev/dl/go2.0.1.linux-amd64.tar.gz", "", daysAgo(1))
		}, want: map[string]string{"tools.go": "1.0.0: waiting; 2.0.1 waits until 2030-06-17 12:00 UTC"}},
		{name: "Rust: two checksums", change: func(p *publishers, _ signer) {
			p.rust("2030-06-05", "2.0.0", func(text string) string {
				return strings.ReplaceAll(text, sum256("rust-2.0.0-x86_64-unknown-linux-gnu.tar.xz"), wrong)
			})
		}, want: map[string]string{"tools.rust": "1.0.0: ALARM: release 2.0.0: amd64: rust-2.0.0-x86_64-unknown-linux-gnu.tar.xz: the channel says sha256:" + wrong +
			", the file beside it sha256:" + sum256("rust-2.0.0-x86_64-unknown-linux-gnu.tar.xz")}},
		{name: "Rust: from elsewhere", change: func(p *publishers, _ signer) {
			p.rust("2030-06-05", "2.0.0", func(text string) string {
				return strings.ReplaceAll(text, "https://static.rust-lang.org", "https://evil.example")
			})
		}, want: map[string]string{"tools.rust": `1.0.0: failed: release 2.0.0: amd64: the channel has rust-2.0.0-x86_64-unknown-linux-gnu.tar.xz at "https://evil.example/dist/2030-06-05/rust-2.0.0-x86_64-unknown-linux-gnu.tar.xz", and not at https://static.rust-lang.org/dist/2030-06-05/rust-2.0.0-x86_64-unknown-linux-gnu.tar.xz`}},
		{name: "Rust: the pinned file has another checksum", change: func(p *publishers, _ signer) {
			p.text("static.rust-lang.org/dist/2030-05-01/rust-1.0.0-x86_64-unknown-linux-gnu.tar.xz.sha256", wrong)
		}, want: map[string]string{"tools.rust": "1.0.0: ALARM: version 1.0.0 for amd64 has another checksum now: pinned sha256:" + sum256("rust-1.0.0-x86_64-unknown-linux-gnu.tar.xz") + ", .sha256 says sha256:" + wrong}},
		{name: "Debian: not for both architectures", change: func(p *publishers, _ signer) {
			p.text("cloud.debian.org/images/cloud/trixie/20300610-17/SHA512SUMS", sum512("x")+"  debian-13-genericcloud-amd64-20300610-17.qcow2\n")
		}, want: map[string]string{"images.debian-13": "20300601-1: failed: release 20300610-17: arm64: https://cloud.debian.org/images/cloud/trixie/20300610-17/SHA512SUMS: lists no debian-13-genericcloud-arm64-20300610-17.qcow2"}},
		{name: "Debian: the pinned folder is deleted", change: func(p *publishers, _ signer) { p.debian("20300610-17") },
			want: map[string]string{"images.debian-13": "20300601-1 → 20300610-17: update, published 2030-06-10; the pinned version is not listed"}},
		{name: "Debian: no index", change: func(p *publishers, _ signer) {
			p.text("cloud.debian.org/images/cloud/trixie/", "<html>moved</html>")
		}, want: map[string]string{"images.debian-13": "20300601-1: failed: https://cloud.debian.org/images/cloud/trixie/: lists no dated folder"}},
		{name: "Ubuntu: other form", change: func(p *publishers, _ signer) {
			p.text("cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.json", `{"products": {}}`)
		}, want: map[string]string{"images.ubuntu-24.04": "20300601: failed: https://cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.json: lists no server images of noble"}},
		{name: "Ubuntu: a file of another folder", change: func(p *publishers, _ signer) {
			p.text("cloud-images.ubuntu.com/releases/streams/v1/com.ubuntu.cloud:released:download.json", `{"products": {"com.ubuntu.cloud:server:24.04:amd64":
				{"release": "noble", "versions": {"20300608": {"items": {"disk1.img": {"sha256": "`+wrong+`", "path": "server/releases/noble/release-20300601/ubuntu-24.04-server-cloudimg-amd64.img"}}}}}}}`)
		}, want: map[string]string{"images.ubuntu-24.04": "20300601: failed: release 20300608: amd64: Ubuntu's stream lists no ubuntu-24.04-server-cloudimg-amd64.img"}},
		{name: "HashiCorp: checksums of somebody else", change: func(p *publishers, _ signer) {
			p.text("releases.hashicorp.com/packer/2.0.0/packer_2.0.0_SHA256SUMS", wrong+"  packer_2.0.0_linux_amd64.zip\n")
		}, want: map[string]string{"tools.packer": "1.0.0: ALARM: release 2.0.0: amd64: https://releases.hashicorp.com/packer/2.0.0/packer_2.0.0_SHA256SUMS: is not signed by the key in signed_by: openpgp: invalid signature: EdDSA verification failure"}},
		{name: "HashiCorp: another key", change: func(p *publishers, _ signer) {
			p.text("www.hashicorp.com/.well-known/pgp-key.txt", "no key")
		}, want: map[string]string{"tools.packer": "1.0.0: failed: release 2.0.0: amd64: https://www.hashicorp.com/.well-known/pgp-key.txt: reading the OpenPGP key: openpgp: invalid data: tag byte does not have MSB set"}},
		{name: "tag: not there", change: func(p *publishers, _ signer) { delete(p.answers, "downloads.example/tags-2.0.0-amd64.tar") },
			want: map[string]string{"tools.tags": "1.0.0: failed: release 2.0.0: amd64: https://downloads.example/tags-2.0.0-amd64.tar: 404 Not Found"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, text, s := everything(t)
			c.change(p, s)
			wantStates(t, p.states(t, text, c.args...), c.want)
		})
	}
}

// TestAlarmFails: an alarm ends the command with an error, whatever else there is, and changes nothing of its pin.
func TestAlarmFails(t *testing.T) {
	p, text, _ := everything(t)
	p.answers["go.dev/dl/"] = code(500, nil)
	p.text("static.rust-lang.org/dist/2030-05-01/rust-1.0.0-x86_64-unknown-linux-gnu.tar.xz.sha256", sum256("another file"))
	want := "a checksum or a signature is not what it must be (alarms: 1): look into it before anything is built, see the table"
	for _, args := range [][]string{{"-check"}, {"-dry-run"}, nil} {
		if out, err := p.run(t, text, args...); errorText(err) != want || !strings.Contains(out, "updates: 7, failed: 1, alarms: 1") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	if after, _ := os.ReadFile("versions.yaml"); strings.Contains(string(after), "rust-2.0.0") || !strings.Contains(string(after), "tool_2.0.0") {
		t.Errorf("got:\n%s", after)
	}
}
