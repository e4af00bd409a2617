package bump

import (
	"io"
	"testing"
)

func TestOptions(t *testing.T) {
	const mirrorRule = `-mirror: must be host=url, such as github.com=http://127.0.0.1:8080/github.com`
	for _, c := range []struct {
		args    []string
		env     map[string]string
		wantErr string
	}{
		{args: []string{"-cool-down", "-1", "-timeout", "0s", "-mirror", "x", "all"},
			wantErr: mirrorRule + "; number 1 of 1 is not\npacker-plugin-ingot bump takes no arguments, got [\"all\"]\n" +
				"-cool-down: must be 0 to 365 days, got -1\n-timeout and -wait: must be more than 0, got 0s and 1m0s"},
		{args: []string{"-pull-request", "some", "-file", "../versions.yaml"},
			wantErr: "-pull-request: must be each or all, got \"some\"\n-repository: must be owner/name (default: $GITHUB_REPOSITORY), got \"\"\n" +
				"-file: must be a path inside the repository that gets the pull request, got \"../versions.yaml\"\n" +
				"-pull-request: needs a token in $GITHUB_TOKEN that may write contents and pull requests"},
		{args: []string{"-pull-request", "all"}, env: map[string]string{"GH_TOKEN": "t", "GITHUB_REPOSITORY": "a/b"}},
		{args: []string{"-only", "a,b", "-only", "c"}},
	} {
		o, err := parse(c.args, func(name string) string { return c.env[name] }, io.Discard)
		if errorText(err) != c.wantErr {
			t.Errorf("%v\n got: %v\nwant: %s", c.args, err, c.wantErr)
		}
		if o.token != c.env["GH_TOKEN"] {
			t.Errorf("the token is %q", o.token)
		}
	}
}
