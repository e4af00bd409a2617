package main

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// pinURL is a pin's URL: of the variable itself, or of an item's key `pin`, whose value is held to be such a variable.
var (
	pinURL   = regexp.MustCompile(`^\{\{ (pin_[a-z0-9_]+|item\.pin)\.url \}\}$`)
	pinValue = regexp.MustCompile(`^\{\{ pin_[a-z0-9_]+ \}\}$`)
	fetching = regexp.MustCompile(`\b(curl|wget)\b.*(pin_|://)|lookup\('(ansible\.builtin\.)?url'`)
	loopback = regexp.MustCompile(`://(127\.0\.0\.1|localhost|\[::1\])`)
)

// TestVariablesHaveNoURLs: a URL that a variable hides would be a download that the next test does not see.
func TestVariablesHaveNoURLs(t *testing.T) {
	for name, text := range files(t, "ansible/defaults", "ansible/vars", "ansible/specs") {
		for number, line := range strings.Split(text, "\n") {
			if code, _, _ := strings.Cut(" "+line, " #"); strings.Contains(code, "://") {
				t.Errorf("%s:%d has a URL: pin the file in versions.yaml, and let the task ask for pin_<name>", name, number+1)
			}
		}
	}
}

// TestEveryDownloadHasItsPin reads all that Ansible runs: what comes from outside comes by get_url, with a pin's url and checksum.
func TestEveryDownloadHasItsPin(t *testing.T) {
	for name, text := range files(t, "ansible") {
		for number, line := range strings.Split(text, "\n") {
			if fetching.MatchString(line) && !loopback.MatchString(line) {
				t.Errorf("%s:%d downloads without a checksum: use ansible.builtin.get_url with a pin's url and checksum", name, number+1)
			}
		}
		if path.Ext(name) != ".yaml" {
			continue
		}
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(text), &document); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := &downloadRules{path: name}
		r.walk(&document)
		for _, problem := range r.problems {
			t.Error(problem)
		}
	}
}

// downloadRules are the rules of one file.
type downloadRules struct {
	path     string
	problems []string
}

func (r *downloadRules) walk(n *yaml.Node) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			r.check(n, child, n.Content[i+1])
		}
		r.walk(child)
	}
}

// check looks at one key of a mapping: in a task, that is its module.
func (r *downloadRules) check(task, key, value *yaml.Node) {
	args := arguments(value)
	switch module(key) {
	case "get_url":
		match := pinURL.FindStringSubmatch(args["url"])
		if match == nil {
			r.problem(key, "get_url: url must be a pin's, {{ pin_<name>.url }}, got %q: pin the file in versions.yaml", args["url"])
		} else if want := "{{ " + match[1] + ".checksum }}"; args["checksum"] != want {
			r.problem(key, "get_url: checksum must be that of the same pin, %s, got %q", want, args["checksum"])
		}
	case "pin":
		if !pinValue.MatchString(value.Value) {
			r.problem(key, "pin must be the text {{ pin_<name> }}, got %q", value.Value)
		}
	case "apt":
		r.local(task, key, "deb", args["deb"])
	case "unarchive":
		r.local(task, key, "src", args["src"])
	case "uri":
		if args["dest"] != "" {
			r.problem(key, "uri cannot verify what it saves: use get_url with a pin's url and checksum")
		}
	case "apt_key":
		if args["url"] != "" {
			r.problem(key, "apt_key cannot verify what it downloads: use get_url with a pin's url and checksum")
		}
	case "git", "subversion", "pip":
		r.problem(key, "%s downloads without a checksum: use get_url with a pin's url and checksum", module(key))
	}
}

// local: modules that take a path or a URL take a path. What it is put together from may be in the task's loop and vars.
func (r *downloadRules) local(task, key *yaml.Node, argument, given string) {
	text, err := yaml.Marshal(task)
	if err != nil {
		r.problem(key, "%v", err)
	}
	paths := strings.ReplaceAll(string(text), ".url | basename", "")
	if given != "" && (strings.Contains(paths, "://") || strings.Contains(paths, ".url")) {
		r.problem(key, "%s cannot verify a download: get the file with get_url, and give its path as %s, got %q", module(key), argument, given)
	}
}

func (r *downloadRules) problem(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf("%s:%d: ", r.path, n.Line)+fmt.Sprintf(format, args...))
}

// module is a key without its collection: a key that is no module has a name that no module has.
func module(key *yaml.Node) string { return key.Value[strings.LastIndex(key.Value, ".")+1:] }

// arguments are the arguments of a module that are text.
func arguments(n *yaml.Node) map[string]string {
	args := map[string]string{}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		args[n.Content[i].Value] = n.Content[i+1].Value
	}
	return args
}
