package versions

import (
	"io"
	"testing"
)

func TestCheckRefuses(t *testing.T) {
	const mirrorRule = `-mirror: must be host=url, such as github.com=http://127.0.0.1:8080/github.com`
	for _, c := range []struct {
		args    []string
		wantErr string
	}{
		{args: []string{"-architecture", "riscv64", "-timeout", "0s", "-parallel", "0", "all"},
			wantErr: "packer-plugin-ingot pins check takes no arguments, got [\"all\"]\n-architecture: must be one of [amd64 arm64], got \"riscv64\"\n" +
				"-timeout: must be more than 0, got 0s\n-parallel: must be at least 1, got 0"},
		{args: []string{"-mirror", "github.com"}, wantErr: mirrorRule + "; number 1 of 1 is not"},
		{args: []string{"-mirror", "a=http://b", "-mirror", "a=ftp://user:secret@b"}, wantErr: mirrorRule + "; number 2 of 2 is not"},
		{args: []string{"-only", "go,debian-14", "-file", "testdata/load/good.yaml"},
			wantErr: `-only: unknown name "debian-14"; testdata/load/good.yaml has debian-13, go; did you mean debian-13?`},
		{args: []string{"-only", "go", "-architecture", "arm64", "-file", "testdata/load/good.yaml"},
			wantErr: "-architecture: testdata/load/good.yaml has no arm64 download of go"},
		{args: []string{"-file", "testdata/load/checksum-missing.yaml"},
			wantErr: "testdata/load/checksum-missing.yaml:5: images.debian-13.amd64.checksum: is required"},
	} {
		if err := Check(t.Context(), c.args, io.Discard, io.Discard); errorText(err) != c.wantErr {
			t.Errorf("%v\n got: %v\nwant: %s", c.args, err, c.wantErr)
		}
	}
}

func TestMirrorLocation(t *testing.T) {
	m := Mirrors{}
	for _, text := range []string{"github.com=http://127.0.0.1:8080/github.com", "go.dev=https://mirror.example/"} {
		if err := m.Add(text); err != nil {
			t.Fatal(err)
		}
	}
	for pinned, want := range map[string]string{
		"https://github.com/a/b%2Bc~1.tar.gz": "http://127.0.0.1:8080/github.com/a/b%2Bc~1.tar.gz",
		"https://go.dev/dl/go.tar.gz":         "https://mirror.example/dl/go.tar.gz",
		"https://go.dev/dl/?mode=json":        "https://mirror.example/dl/?mode=json",
		"https://dl.go.dev/go.tar.gz":         "https://dl.go.dev/go.tar.gz",
	} {
		got, mirrored := m.Location(pinned)
		if got != want || mirrored != (got != pinned) {
			t.Errorf("%s: got %s (mirror: %v), want %s", pinned, got, mirrored, want)
		}
	}
}
