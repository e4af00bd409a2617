package profile

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// TestFilesStayInTheFolder proves that only regular files inside ansible_directory are read, also when no task refers to them.
func TestFilesStayInTheFolder(t *testing.T) {
	tooLong := strings.Repeat("#", strictyaml.MaxSize+1)
	cases := []struct {
		name    string
		given   func() error
		wantErr string
	}{
		{name: "link inside", given: func() error { return os.Symlink("rules.toml", "ansible/files/metrics/link") }},
		{name: "link to nothing", given: func() error { return os.Symlink("user@host.1:2", "ansible/files/.#seal") }},
		{name: "links that leave", given: func() error {
			return errors.Join(os.Symlink("../../pins.json", "ansible/files/one"), os.Symlink("/etc/passwd", "ansible/templates/two.j2"))
		}, wantErr: "reading ansible/files/one: path escapes from parent\nreading ansible/templates/two.j2: path escapes from parent"},
		{name: "link to a folder", given: func() error { return os.Symlink("metrics", "ansible/files/link") },
			wantErr: "reading ansible/files/link: is a link to a folder, and only links to files are followed; put the folder itself there"},
		{name: "link to a folder that leaves", given: func() error { return os.Symlink("../../..", "ansible/files/link") },
			wantErr: "reading ansible/files/link: path escapes from parent"},
		{name: "link in a circle", given: func() error { return os.Symlink("link", "ansible/files/link") },
			wantErr: "reading ansible/files/link: too many levels of symbolic links"},
		{name: "named pipe", given: func() error { return syscall.Mkfifo("ansible/files/pipe", 0o600) },
			wantErr: "reading ansible/files/pipe: must be a regular file, is p---------"},
		{name: "template that is too long", given: func() error { return os.WriteFile("ansible/templates/long.j2", []byte(tooLong), 0o600) },
			wantErr: "reading ansible/templates/long.j2: must be at most 262144 bytes, is 262145"},
		{name: "disk", given: func() error {
			return errors.Join(os.WriteFile("ansible/files/disk", nil, 0o600), os.Truncate("ansible/files/disk", 2<<40))
		}, wantErr: "reading ansible/files/disk: must be at most 16 GiB, is 2048 GiB"},
		{name: "file that is as long", given: func() error { return os.WriteFile("ansible/files/long", []byte(tooLong), 0o600) }},
		{name: "defaults that have an anchor", given: func() error { return os.WriteFile("ansible/defaults/main.yaml", []byte("a: &a 1\n"), 0o600) },
			wantErr: "ansible/defaults/main.yaml:1: anchor &a: anchors are not allowed; write the value where it is used"},
		{name: "no defaults", given: func() error { return os.RemoveAll("ansible/defaults") }},
		{name: "vars that are not plain YAML", given: func() error { return os.WriteFile("ansible/vars/x.yaml", []byte("a: &a 1\nb: *a\n"), 0o600) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			copyOf(t, "testdata/layers")
			must(t, c.given())
			pins, _ := os.ReadFile("pins.json")
			_, err := resolve(Config{AnsibleDirectory: "ansible", Spec: "top", Pins: string(pins)})
			wantError(t, err, c.wantErr)
		})
	}
}

// TestLargeAndBinaryFiles: every byte counts, behind what is searched for references too.
func TestLargeAndBinaryFiles(t *testing.T) {
	large := bytes.Repeat([]byte("a\x00"), strictyaml.MaxSize)
	copyOf(t, "testdata/layers")
	must(t, os.WriteFile("ansible/files/metrics/program", large, 0o600))
	before := inputs(t)
	large[len(large)-1] = 1
	must(t, os.WriteFile("ansible/files/metrics/program", large, 0o600))
	wantChanged(t, before, inputs(t), "metrics")
}

// TestLinks: a link counts as what it leads to.
func TestLinks(t *testing.T) {
	copyOf(t, "testdata/layers")
	must(t, os.Symlink("../other/only", "ansible/files/metrics/link"))
	before := inputs(t)
	edit(t, "ansible/files/other/only", "", "more")
	wantChanged(t, before, inputs(t), "metrics")
}
