package strictyaml

import (
	"strings"
	"testing"
)

// The rules themselves are proven by the files of the packages that use them: versions/testdata and profile/testdata.

func TestErrIsInOrderOfLinesAndBounded(t *testing.T) {
	f := &File{Path: "x.yaml"}
	for line := maxProblems + 5; line > 0; line-- {
		f.Problem(&Node{Line: line}, "wrong")
		f.Problem(&Node{Line: line}, "wrong")
	}
	lines := strings.Split(f.Err().Error(), "\n")
	if len(lines) != maxProblems+1 || lines[0] != "x.yaml:1: wrong" || lines[maxProblems] != "x.yaml: and 5 more problems" {
		t.Errorf("got:\n%s", strings.Join(lines, "\n"))
	}
}

func TestDidYouMean(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"packges", "; did you mean packages?"},
		{"debian-14", "; did you mean debian-13?"},
		{"zzz", ""},
		{"", ""},
	} {
		if got := DidYouMean(c.word, []string{"debian-12", "debian-13", "packages"}); got != c.want {
			t.Errorf("%q: got %q, want %q", c.word, got, c.want)
		}
	}
}

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{"base": true, "containerd-system": true, "": false, "..": false, "a/b": false, "a\n": false, "A": false, "-a": false} {
		if IsName(name) != want {
			t.Errorf("%q: want %v", name, want)
		}
	}
}
