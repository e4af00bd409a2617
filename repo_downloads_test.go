package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
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
		r.walk(&document, r.noteDest)
		r.walk(&document, r.check)
		for _, problem := range r.problems {
			t.Error(problem)
		}
	}
}

// downloadRules are the rules of one file.
type downloadRules struct {
	path     string
	fetched  []string // where get_url puts files
	problems []string
}

func (r *downloadRules) walk(n *yaml.Node, visit func(key *yaml.Node, value *yaml.Node)) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			visit(child, n.Content[i+1])
		}
		r.walk(child, visit)
	}
}

func (r *downloadRules) noteDest(key, value *yaml.Node) {
	if module(key) == "get_url" {
		r.fetched = append(r.fetched, arguments(value)["dest"])
	}
}

func (r *downloadRules) check(key, value *yaml.Node) {
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
		r.local(key, "apt", "deb", args["deb"])
	case "unarchive":
		r.local(key, "unarchive", "src", args["src"])
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

// local: modules that install a file or a URL get a file, which get_url has verified.
func (r *downloadRules) local(key *yaml.Node, name, argument, given string) {
	if given != "" && !slices.Contains(r.fetched, given) {
		r.problem(key, "%s: %s must be the dest of a get_url in this file, which verifies it, got %q", name, argument, given)
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
