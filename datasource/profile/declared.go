package profile

import (
	"regexp"
	"slices"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// declares is the folder that says what an image may have: one file for each distribution, and one for each task file that adds something.
const declares = "declares"

// declaration is one of its files: lists by key.
type declaration map[string][]string

// Each key with the form of its items.
var declarationKeys = map[string]struct {
	form *regexp.Regexp
	rule string
}{
	"users":  {account, "must be the name of an account"},
	"groups": {account, "must be the name of a group"},
	"privileged": {regexp.MustCompile(`^([0-7]{4} [\w.-]+:[\w.-]+|cap_[a-z_]+(,cap_[a-z_]+)*=[eip]+( cap_\S+)*) /\S+$`),
		`must be "MODE OWNER:GROUP PATH" or "CAPABILITIES PATH", such as "4755 root:root /usr/bin/sudo" or "cap_net_raw=ep /usr/bin/ping"`},
	"world_writable":  {regexp.MustCompile(`^/\S+$`), "must be a path from / on"},
	"kernel_messages": {regexp.MustCompile(`^.+$`), "must be a regular expression of one line"},
	"kernel_taints":   {regexp.MustCompile(`^[A-Z]$`), "must be one letter of /proc/sys/kernel/tainted's documentation"},
}

var account = regexp.MustCompile(`^[a-z_][a-z0-9_-]*$`)

// loadDeclared reads the files of all distributions, and of the tasks that are selected. A name that is neither is the business of
// whoever keeps the folder.
func (r *resolver) loadDeclared() {
	r.distributions, r.additions = map[string]declaration{}, map[string]declaration{}
	distributions := r.folder.names("vars")
	for _, name := range r.folder.names(declares) {
		switch {
		case slices.Contains(r.taskNames(), name):
			r.additions[name] = r.readDeclaration(name)
		case slices.Contains(distributions, name):
			r.distributions[name] = r.readDeclaration(name)
		}
	}
}

func (r *resolver) readDeclaration(name string) declaration {
	path := declares + "/" + name + ".yaml"
	data, err := r.folder.read(path)
	if err != nil {
		r.errs = append(r.errs, err)
		return nil
	}
	file, lists := strictyaml.Parse(r.folder.show(path), data), declaration{}
	r.declares = append(r.declares, file)
	if file.Root == nil {
		return nil
	}
	keys := strictyaml.Keys{}
	for key, items := range declarationKeys {
		keys[key] = func(path string, n *strictyaml.Node) {
			for _, node := range file.List(n, path) {
				item := file.String(node, path)
				_, err := regexp.Compile(item)
				switch {
				case item == "":
				case !items.form.MatchString(item):
					file.Problem(node, "%s: %s, got %q", path, items.rule, item)
				case key == "kernel_messages" && err != nil:
					file.Problem(node, "%s: %s, got %q: %v", path, items.rule, item, err)
				case slices.Contains(lists[key], item):
					file.Problem(node, "%s: %s is listed twice", path, item)
				default:
					lists[key] = append(lists[key], item)
				}
			}
		}
	}
	file.Fields(file.Root, "", keys)
	return lists
}
