package verify

import (
	"os"
	"path/filepath"
	"strings"
)

// packages is what dpkg knows of the tree.
type packages struct {
	owned     map[string]bool   // paths that a package has
	md5       map[string]string // of files that a package has and nobody configures
	conffiles map[string]string // the sums of those that somebody may configure, as they came
	states    map[string]string // of packages that are not installed properly
	merged    map[string]bool   // /bin, /lib, …, where they are links into /usr
}

func readPackages(root string) (*packages, error) {
	p := &packages{
		owned: map[string]bool{}, md5: map[string]string{}, conffiles: map[string]string{}, states: map[string]string{}, merged: map[string]bool{},
	}
	for _, top := range []string{"bin", "sbin", "lib", "lib32", "lib64", "libx32"} {
		if target, err := os.Readlink(filepath.Join(root, top)); err == nil && strings.TrimPrefix(target, "/") == "usr/"+top {
			p.merged[top] = true
		}
	}
	diverted, err := p.readDiversions(root)
	if err != nil {
		return nil, err
	}
	info, err := filepath.Glob(filepath.Join(root, "var/lib/dpkg/info/*"))
	if err != nil {
		return nil, err
	}
	for _, path := range info {
		name, isList := strings.CutSuffix(filepath.Base(path), ".list")
		name, isSums := strings.CutSuffix(name, ".md5sums")
		if !isList && !isSums {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name, _, _ = strings.Cut(name, ":") // libc6:amd64
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSuffix(line, "\n")
			if isList {
				p.owned[p.real(line, name, diverted)] = true
			} else if sum, file, ok := strings.Cut(line, "  "); ok {
				p.md5[p.real("/"+file, name, diverted)] = sum
			}
		}
	}
	return p, p.readStates(root)
}

// diversion moves a file of every package but one.
type diversion struct{ to, by string }

func (p *packages) readDiversions(root string) (map[string]diversion, error) {
	content, err := os.ReadFile(filepath.Join(root, "var/lib/dpkg/diversions"))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	lines, diverted := strings.Split(string(content), "\n"), map[string]diversion{}
	for i := 0; i+2 < len(lines); i += 3 {
		diverted[lines[i]] = diversion{to: lines[i+1], by: lines[i+2]}
	}
	return diverted, nil
}

// real is where a package's file is: diverted, and in /usr when /bin and the like are links.
func (p *packages) real(path, name string, diverted map[string]diversion) string {
	if d, is := diverted[path]; is && d.by != name {
		path = d.to
	}
	if top, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); p.merged[top] {
		path = "/usr" + path
	}
	return path
}

func (p *packages) readStates(root string) error {
	content, err := os.ReadFile(filepath.Join(root, "var/lib/dpkg/status"))
	if err != nil {
		return err
	}
	var name string
	for line := range strings.Lines(string(content)) {
		isConffile := strings.HasPrefix(line, " /")
		line = strings.TrimSpace(line)
		if fields := strings.Fields(line); isConffile && len(fields) >= 2 { // " /etc/issue 0123…", perhaps with " obsolete"
			p.conffiles[fields[0]] = fields[1]
		} else if field, is := strings.CutPrefix(line, "Package: "); is {
			name = field
		} else if status, is := strings.CutPrefix(line, "Status: "); is && !isSettled(status) {
			p.states[name] = status
		}
	}
	return nil
}

func isSettled(status string) bool {
	fields := strings.Fields(status)
	if len(fields) != 3 || fields[1] != "ok" {
		return false
	}
	switch fields[2] {
	case "installed", "config-files", "not-installed":
		return true
	}
	return false
}
