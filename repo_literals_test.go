package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

var (
	digest = regexp.MustCompile(`\b([0-9a-fA-F]{64}|[0-9a-fA-F]{128})\b|\bsha(256|512):[0-9a-f]{8}`)
	dotted = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)
)

// TestChecksumsAreWrittenOnce: where versions.yaml is not read, there is no other list to forget.
func TestChecksumsAreWrittenOnce(t *testing.T) {
	for path, text := range scanned(t) {
		for number, line := range strings.Split(text, "\n") {
			if digest.MatchString(line) {
				t.Errorf("%s:%d has a checksum: write it in versions.yaml, and use pin_<name>.checksum", path, number+1)
			}
		}
	}
}

// TestVersionsAreWrittenOnce: the version of a pin stands in versions.yaml only, not in code and not in prose, where it would grow old.
func TestVersionsAreWrittenOnce(t *testing.T) {
	current := map[string]*regexp.Regexp{}
	for _, section := range []map[string]versions.Pin{pins(t).Images, pins(t).Tools} {
		for name, pin := range section {
			current[name] = notInLonger(pin.Version)
		}
	}
	for path, text := range scanned(t) {
		for number, line := range strings.Split(text, "\n") {
			for name, version := range current {
				if version.MatchString(line) {
					t.Errorf("%s:%d has the version of %s in versions.yaml: leave it out, or take it from pin_<name>.version", path, number+1, name)
				}
			}
		}
	}
}

// TestCodeHasNoVersions goes further where things are installed: no version of a pinned tool at all, and below ansible/ nothing that
// looks like a version of three numbers. Comments may speak of other programs' versions.
func TestCodeHasNoVersions(t *testing.T) {
	var tools []*regexp.Regexp
	for _, name := range slices.Sorted(maps.Keys(pins(t).Tools)) {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(name), "-", "[-_]")
		tools = append(tools, regexp.MustCompile(`(?i)(^|[^a-z])`+pattern+`([^a-z]|$)`))
	}
	for path, text := range code(t) {
		for number, line := range strings.Split(text, "\n") {
			comment := strings.HasPrefix(strings.TrimSpace(line), "#")
			for _, literal := range dotted.FindAllString(line, -1) {
				numbers := strings.Count(literal, ".") + 1
				about := slices.ContainsFunc(tools, func(tool *regexp.Regexp) bool { return tool.MatchString(line) })
				if numbers < 4 && about || numbers == 3 && !comment && strings.HasPrefix(path, "ansible/") { // four are an address
					t.Errorf("%s:%d has what looks like a version, %s: pin it in versions.yaml, and use pin_<name>.version", path, number+1, literal)
				}
			}
		}
	}
}

// notInLonger finds a version that is not part of a longer one.
func notInLonger(text string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[^0-9.])` + regexp.QuoteMeta(text) + `($|[^0-9.]|\.($|[^0-9]))`)
}

// code is what installs: task files and scripts, but for the mirror of the tests, which builds its archives from Go modules.
func code(t *testing.T) map[string]string {
	t.Helper()
	texts := files(t, "ansible", "templates", "scripts")
	maps.DeleteFunc(texts, func(path, _ string) bool { return strings.HasPrefix(path, "scripts/mirror") })
	return texts
}

// scanned is code and prose.
func scanned(t *testing.T) map[string]string {
	t.Helper()
	texts := files(t, "docs", "docs-partials", "GNUmakefile", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
	maps.Copy(texts, code(t))
	return texts
}
