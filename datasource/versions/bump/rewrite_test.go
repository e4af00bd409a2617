package bump

import (
	"strings"
	"testing"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// moved is an update of the tool to version 2.0.0.
func moved(t *testing.T, text string) []result {
	t.Helper()
	pins, err := versions.Parse("versions.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r := result{pin: pin{"tools", "tool", pins.Tools["tool"]}, version: "2.0.0", files: map[string]file{}}
	for arch := range r.Downloads {
		name := "tool_2.0.0_" + arch + ".tar.gz"
		r.files[arch] = file{Download: versions.Download{URL: "https://github.com/own/tool/releases/download/v2.0.0/" + name, Checksum: "sha256:" + sum256(name)}}
	}
	return []result{r}
}

// TestRewriteKeepsBytes: what stands around the values stays, however the file is written.
func TestRewriteKeepsBytes(t *testing.T) {
	replaced := strings.NewReplacer("1.0.0", "2.0.0", sum256(names("1.0.0")[0]), sum256(names("2.0.0")[0]), sum256(names("1.0.0")[1]), sum256(names("2.0.0")[1]))
	plainText := tool("1.0.0", "")
	for name, text := range map[string]string{
		"plain":           plainText,
		"Windows":         strings.ReplaceAll(plainText, "\n", "\r\n"),
		"no last newline": strings.TrimSuffix(plainText, "\n"),
		"comments":        "# ünïcödé ☃ v\n" + strings.ReplaceAll(plainText, "\n", "   # ☃ ünïcödé\n") + "\n\n# end",
		"double quotes":   strings.ReplaceAll(plainText, "version: 1.0.0", `version: "1.0.0"`),
		"single quotes":   strings.ReplaceAll(plainText, "version: 1.0.0", `version:    '1.0.0'  # why`),
		"a start":         "%YAML 1.1\n---\n" + plainText + "...\n",
		"quoted key":      strings.ReplaceAll(plainText, "  tool:", `  "tool":`),
		"other order": strings.ReplaceAll(strings.Replace(plainText, "    version: 1.0.0\n", "", 1), "    update: {type: github-release, repository: own/tool}\n", "") +
			"    update: {repository: own/tool, type: github-release}\n    version: 1.0.0\n",
	} {
		got, err := rewrite("versions.yaml", []byte(text), moved(t, text))
		if want := replaced.Replace(text); err != nil || string(got) != want {
			t.Errorf("%s: %v\n got: %s\nwant: %s", name, err, got, want)
		}
	}
}

// TestRewriteRefuses: what it cannot replace as it is, and what would make no good file.
func TestRewriteRefuses(t *testing.T) {
	plainText := tool("1.0.0", "")
	escaped := strings.Replace(plainText, "version: 1.0.0", `version: "1.0\x2e0"`, 1)
	if _, err := rewrite("versions.yaml", []byte(escaped), moved(t, escaped)); errorText(err) != `versions.yaml: line 4: "1.0.0" is not written as it is: write it in plain style` {
		t.Errorf("got %v", err)
	}
	for name, change := range map[string]func(*result){
		"a version that is more than one": func(r *result) { r.version = "2.0.0\n    evil: true" },
		"a URL of another kind": func(r *result) {
			r.files["amd64"] = file{Download: versions.Download{URL: "http://x/2.0.0", Checksum: r.files["amd64"].Checksum}}
		},
		"a comment in a URL": func(r *result) {
			r.files["amd64"] = file{Download: versions.Download{URL: "https://x/2.0.0 # x", Checksum: r.files["amd64"].Checksum}}
		},
		"no checksum": func(r *result) { r.files["amd64"] = file{Download: versions.Download{URL: r.files["amd64"].URL}} },
		"the other one's checksum": func(r *result) {
			r.files["amd64"] = file{Download: versions.Download{URL: r.files["amd64"].URL, Checksum: r.files["arm64"].Checksum}}
		},
	} {
		updates := moved(t, plainText)
		change(&updates[0])
		if got, err := rewrite("versions.yaml", []byte(plainText), updates); err == nil {
			t.Errorf("%s was written:\n%s", name, got)
		}
	}
}
