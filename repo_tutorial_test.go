package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// tutorialFile is a file that docs/tutorial.md has the reader write.
var tutorialFile = regexp.MustCompile("(?ms)`(ansible/[^`]+)`[^`]*:\n\n```[a-z]+\n(.*?)^```$")

// TestTutorial follows docs/tutorial.md up to the build: the profile resolves, the template is made, and the mistake gets the answer that is shown.
func TestTutorial(t *testing.T) {
	text := read(t, "docs/tutorial.md")
	folder := t.TempDir()
	for _, source := range []string{"ansible", "templates"} {
		if err := os.CopyFS(filepath.Join(folder, source), os.DirFS(source)); err != nil {
			t.Fatal(err)
		}
	}
	write := func(path, content string, flags int) {
		t.Helper()
		path = filepath.Join(folder, path)
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flags, 0o644)
		if err == nil {
			_, err = file.WriteString(content)
		}
		if err != nil || file.Close() != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	for _, file := range tutorialFile.FindAllStringSubmatch(text, -1) {
		if file[1] == "ansible/meta/argument_specs.yml" {
			write(file[1], file[2], os.O_APPEND)
		} else {
			write(file[1], file[2], os.O_TRUNC)
		}
	}
	if err := resolveWeb(folder); err != nil {
		t.Errorf("the profile of docs/tutorial.md does not resolve: %v", err)
	}
	templateOfTutorial(t, folder, text)

	spec := "ansible/specs/web.yaml"
	write(spec, strings.ReplaceAll(read(t, filepath.Join(folder, spec)), "web_greeting", "web_greting"), os.O_TRUNC)
	err := resolveWeb(folder)
	if err == nil {
		t.Fatal("the mistake in docs/tutorial.md is none")
	}
	line := regexp.MustCompile(`:\d+:`) // of the argument specs, which grow
	shown := line.ReplaceAllString(text, "")
	for problem := range strings.SplitSeq(strings.ReplaceAll(err.Error(), folder+"/", ""), "\n") {
		if !strings.Contains(shown, line.ReplaceAllString(problem, "")) {
			t.Errorf("docs/tutorial.md shows another message than this: %s", problem)
		}
	}
}

// templateOfTutorial runs the command that makes the template, and looks whose profile it is.
func templateOfTutorial(t *testing.T, folder, text string) {
	t.Helper()
	command := regexp.MustCompile("(?ms)^sed -E .*?templates/web.pkr.hcl$").FindString(text)
	shell := exec.Command("bash", "-euc", command)
	shell.Dir = folder
	if output, err := shell.CombinedOutput(); err != nil || command == "" {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	made := read(t, filepath.Join(folder, "templates/web.pkr.hcl"))
	if _, problems := hclsyntax.ParseConfig([]byte(made), "web.pkr.hcl", hcl.InitialPos); problems.HasErrors() {
		t.Error(problems)
	}
	for _, want := range []string{`data "ingot-profile" "web"`, `"web"` + "\n", `source "ingot-libvirt" "web"`, `"output/web"`} {
		if !strings.Contains(made, want) {
			t.Errorf("the template of docs/tutorial.md has no %s", want)
		}
	}
	if _, body, _ := strings.Cut(made, "packer {"); regexp.MustCompile(`[."]base["./]`).MatchString(body) {
		t.Error("the template of docs/tutorial.md still names base")
	}
}

func resolveWeb(folder string) error {
	_, err := resolveIn(filepath.Join(folder, "ansible"), "amd64", "web")
	return err
}
