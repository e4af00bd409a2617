package ansible

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestExtraVariablesKeepWhatWasWritten(t *testing.T) {
	c := &Config{Tasks: []string{"first", "harden"}, Variables: `{"big": 12345678901234567890, "yes": "yes", "t": "{{ x }} <&>", "o": {"b": [1.50]}}`}
	got, err := c.extraVariables(nil)
	check(t, err)
	equal(t, string(got), `{
  "big": 12345678901234567890,
  "ingot_tasks": [
    "first",
    "harden"
  ],
  "o": {
    "b": [
      1.50
    ]
  },
  "t": "{{ x }} <&>",
  "yes": "yes"
}
`)
	got, err = (&Config{Variables: "{}"}).extraVariables(nil)
	check(t, err)
	equal(t, string(got), "{\n  \"ingot_tasks\": []\n}\n")
}

func TestPinsThatTheGuestHas(t *testing.T) {
	c := &Config{Variables: `{"pin_fzf": {"version": "0.74.3", "url": "https://example.org/fzf?a=<b>&c", "checksum": "sha256:aa", "note": "<&>", "big": 1.50},
		"pin_go": {"url": "https://example.org/go", "checksum": "sha256:bb"}, "pin_text": "sha256:aa", "pin_null": null, "pin_list": ["sha256:aa"],
		"pin_number": {"url": "x", "checksum": 1}, "other": {"url": "https://example.org/fzf", "checksum": "sha256:aa"}}`}
	local, err := parseArtifacts(`{"sha256:aa": "file:///run/ingot-artifacts/fzf/fzf+1.tar.gz"}`)
	check(t, err)
	got, err := c.extraVariables(local)
	check(t, err)
	equal(t, strings.Join(strings.Fields(string(got)), ""), `{"ingot_tasks":[],"other":{"url":"https://example.org/fzf","checksum":"sha256:aa"},`+
		`"pin_fzf":{"big":1.50,"checksum":"sha256:aa","note":"<&>","url":"file:///run/ingot-artifacts/fzf/fzf+1.tar.gz","version":"0.74.3"},`+
		`"pin_go":{"url":"https://example.org/go","checksum":"sha256:bb"},"pin_list":["sha256:aa"],"pin_null":null,`+
		`"pin_number":{"url":"x","checksum":1},"pin_text":"sha256:aa"}`)
}

func TestArtifactsOfTheBuilder(t *testing.T) {
	data := map[string]any{"Host": "h", "Port": 22, "User": "u", "SSHPrivateKey": privateKey(t), "SSHHostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+K2yk7cwJQoDh6cgnCDL4TFUNYFTzAJ1MjF5Hx4yzn"}
	for text, bad := range map[string]bool{"": false, "{}": false, `{"sha256:aa": "file:///a"}`: false, "[]": true, `{"a": 1}`: true} {
		data["IngotArtifacts"] = text
		if _, err := newGuest(data); (err != nil) != bad || bad && !strings.Contains(err.Error(), "IngotArtifacts: the builder must hand over a JSON object") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestGuestFiles(t *testing.T) {
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+K2yk7cwJQoDh6cgnCDL4TFUNYFTzAJ1MjF5Hx4yzn"
	g, err := newGuest(map[string]any{"Host": "127.0.0.1", "Port": "22001", "User": "builder", "SSHPrivateKey": privateKey(t), "SSHHostKey": key + " comment"})
	check(t, err)
	equal(t, string(g.knownHosts()), "[127.0.0.1]:22001 "+key+"\n")
	inventory, err := g.inventory("/tmp/w")
	check(t, err)
	equal(t, string(inventory), `{
  "all": {
    "hosts": {
      "image": {
        "ansible_connection": "ssh",
        "ansible_host": "127.0.0.1",
        "ansible_port": 22001,
        "ansible_ssh_args": "`+strings.Join(sshArguments("/tmp/w"), " ")+`",
        "ansible_user": "builder"
      }
    }
  }
}`)
	g.host, g.port = "guest.example", 22
	equal(t, string(g.knownHosts()), "guest.example "+key+"\n")
}

func TestEnvironmentIsTheSameForEveryUser(t *testing.T) {
	got := environment([]string{"HOME=/home/u", "ANSIBLE_SSH_ARGS=x", "LC_CTYPE=C", "LANG=C", "SSH_AUTH_SOCK=/run/u", "SSH_ASKPASS=x", "PATH=/bin"}, "/w", "/a/ansible.cfg")
	equal(t, strings.Join(got, "\n"), `HOME=/home/u
PATH=/bin
LC_ALL=C.UTF-8
NO_COLOR=1
SSH_AUTH_SOCK=/w/agent
INGOT_EVENTS_FD=3
ANSIBLE_CONFIG=/a/ansible.cfg
ANSIBLE_CALLBACK_PLUGINS=/w/callback
ANSIBLE_LOCAL_TEMP=/w/tmp
ANSIBLE_HOST_KEY_CHECKING=True
ANSIBLE_PIPELINING=True
ANSIBLE_RETRY_FILES_ENABLED=False
ANSIBLE_NOCOLOR=True
ANSIBLE_FORCE_COLOR=False
ANSIBLE_NOCOWS=True`)
}

func TestReportGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tasks.json")
	at := func(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)) }
	first := newReport(path)
	first.enter("packages", at(0))
	first.count("changed")
	first.enter("tools", at(1.26))
	first.fail(at(3))
	again := newReport(path) // the second try of the same build
	again.enter("tools", at(10))
	again.count("ok")
	again.count("skipped")
	again.enter("harden", at(14))
	again.leave(at(15))
	again.enter("tools", at(20))
	again.leave(at(20.5))
	check(t, again.err)
	content, err := os.ReadFile(path)
	check(t, err)
	equal(t, strings.Join(strings.Fields(string(content)), ""), `[{"task":"packages","seconds":1.3,"changed":1,"ok":1},`+
		`{"task":"tools","seconds":4.5,"changed":0,"ok":1},{"task":"harden","seconds":1,"changed":0,"ok":0}]`)
}

func TestMaskFindsEveryLeaf(t *testing.T) {
	c := &Config{
		Variables:          `{"a": {"user": "jane", "keys": ["line 1\nline 2", 123456]}, "b": "jane doe", "short": "yes", "open": "word"}`,
		SensitiveVariables: []string{"a", "short"},
	}
	c.PackerSensitiveVars = []string{"b", "not_there"}
	mask, err := c.newMask()
	check(t, err)
	equal(t, mask.Replace(`jane doe, jane: line 1\nline 2 or 123456? yes, word, `+"line 1\nline 2"), `<sensitive>, <sensitive>: <sensitive> or <sensitive>? yes, word, <sensitive>`)
}

func TestLogMasksAcrossWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	out, err := openLog(path, strings.NewReplacer("secret", masked))
	check(t, err)
	for _, piece := range []string{"a sec", "ret\nb ", "secr", "et"} {
		_, err := out.Write([]byte(piece))
		check(t, err)
	}
	check(t, out.close())
	content, err := os.ReadFile(path)
	check(t, err)
	equal(t, string(content), "a <sensitive>\nb <sensitive>")
	equal(t, out.tail(), "a <sensitive>\n  b <sensitive>")
}

func TestFailureDetails(t *testing.T) {
	e := event{Status: "failed", Failures: []map[string]string{{
		"msg": "no package\nnamed x", "rc": "100", "module_stderr": strings.Repeat("line\n", 50) + "the end", "stdout": "out",
	}}}
	equal(t, e.summary(), "no package")
	equal(t, e.details(), "  no package\n    named x\n  exit status: 100\n  stderr: (the log has more)\n    "+strings.Repeat("line\n    ", 39)+"the end\n  stdout: out")
	e = event{Status: "failed", Failures: []map[string]string{{"msg": "Validation of arguments failed:\nx is missing\ny too"}}}
	equal(t, e.summary(), "Validation of arguments failed: x is missing")
	equal(t, (&event{}).summary(), "no reason given")
}
