package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/ingot-images/packer-plugin-ingot/builder/libvirt"
	"github.com/ingot-images/packer-plugin-ingot/datasource/profile"
	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
	"github.com/ingot-images/packer-plugin-ingot/postprocessor/verify"
	"github.com/ingot-images/packer-plugin-ingot/provisioner/ansible"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	fenced  = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")
	quoted  = regexp.MustCompile("`([^`\n]+)`")
	program = regexp.MustCompile(`(?m)(?:^|[ (]|bin/)(make|packer-plugin-ingot|scripts/[a-z.-]+)((?: +[A-Za-z0-9_.=/*-]+)*)`)
	target  = regexp.MustCompile(`(?m)^([a-z0-9-]+):`)
)

// TestDocsLinksLead: to a file that is there, and to a heading that it has.
func TestDocsLinksLead(t *testing.T) {
	for path, text := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(withoutCode(text), -1) {
			to, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(to, "/packer/") { // the integrations page's own
				continue
			}
			file := path
			if to != "" {
				file = filepath.Join(filepath.Dir(path), to)
			}
			if info, err := os.Stat(file); err != nil || anchor != "" && info.IsDir() {
				t.Errorf("%s: the link %s leads nowhere", path, found[1])
			} else if anchor != "" && !slices.Contains(anchors(read(t, file)), anchor) {
				t.Errorf("%s: the link %s leads to a heading that %s has not", path, found[1], file)
			}
		}
	}
}

// TestDocsNameCommandsThatExist: targets of make, commands of the plugin, scripts.
func TestDocsNameCommandsThatExist(t *testing.T) {
	var targets []string
	for _, found := range target.FindAllStringSubmatch(read(t, "GNUmakefile"), -1) {
		targets = append(targets, found[1])
	}
	for path, text := range pages(t) {
		for _, code := range codeOf(text) {
			for _, found := range program.FindAllStringSubmatch(code, -1) {
				words := strings.Fields(found[2])
				switch name := found[1]; {
				case name == "make":
					for _, word := range words {
						if !strings.ContainsAny(word, "=/-.") && !slices.Contains(targets, word) {
							t.Errorf("%s: make has no %q", path, word)
						}
					}
				case name == "packer-plugin-ingot" && len(words) > 0 && words[0] != "describe" && words[0][0] != '-':
					if command := regexp.MustCompile(`packer-plugin-ingot ` + regexp.QuoteMeta(words[0]) + `\b`); !command.MatchString(usage) {
						t.Errorf("%s: packer-plugin-ingot has no command %q", path, words[0])
					}
				case strings.HasPrefix(name, "scripts/"):
					if _, err := os.Stat(strings.TrimSuffix(name, ".")); err != nil {
						t.Errorf("%s: there is no %s", path, name)
					}
				}
			}
		}
	}
}

// TestDocsTemplatesHaveOptionsThatExist: HCL parses, and components are given nothing that they do not take.
func TestDocsTemplatesHaveOptionsThatExist(t *testing.T) {
	known := map[string]hcldec.ObjectSpec{
		"source ingot-libvirt":        new(libvirt.Builder).ConfigSpec(),
		"data ingot-versions":         new(versions.Datasource).ConfigSpec(),
		"data ingot-profile":          new(profile.Datasource).ConfigSpec(),
		"provisioner ingot-ansible":   new(ansible.Provisioner).ConfigSpec(),
		"post-processor ingot-verify": new(verify.PostProcessor).ConfigSpec(),
	}
	checked := 0
	for path, text := range pages(t) {
		for _, block := range fenced.FindAllStringSubmatch(text, -1) {
			if block[1] != "hcl" {
				continue
			}
			file, problems := hclsyntax.ParseConfig([]byte(block[2]), path, hcl.InitialPos)
			if problems.HasErrors() {
				t.Errorf("%s: an HCL block does not parse: %v", path, problems)
				continue
			}
			checked += checkComponents(t, path, file.Body.(*hclsyntax.Body), known)
		}
	}
	if checked < 5 {
		t.Errorf("%d components are in the pages, want 5 at least: correct this test", checked)
	}
}

func checkComponents(t *testing.T, path string, body *hclsyntax.Body, known map[string]hcldec.ObjectSpec) (checked int) {
	t.Helper()
	for _, block := range body.Blocks {
		checked += checkComponents(t, path, block.Body, known)
		if len(block.Labels) == 0 || !strings.HasPrefix(block.Labels[0], "ingot-") {
			continue
		}
		name := block.Type + " " + block.Labels[0]
		if known[name] == nil {
			t.Errorf("%s: there is no %s", path, name)
			continue
		}
		checked++
		for _, attribute := range slices.Sorted(maps.Keys(block.Body.Attributes)) {
			if known[name][attribute] == nil {
				t.Errorf("%s: %s takes no %s", path, name, attribute)
			}
		}
	}
	return checked
}

// pages are what people read, by path: all Markdown, but for what is made from it.
func pages(t *testing.T) map[string]string {
	t.Helper()
	roots, _ := filepath.Glob("*.md")
	texts := files(t, append(roots, "docs", "ansible", "example", ".github")...)
	maps.DeleteFunc(texts, func(path, _ string) bool { return !strings.HasPrefix(filepath.Ext(path), ".md") })
	return texts
}

// anchors are the names by which GitHub's links find headings.
func anchors(text string) (names []string) {
	unwanted := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, found := range heading.FindAllStringSubmatch(withoutCode(text), -1) {
		names = append(names, strings.ReplaceAll(unwanted.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return names
}

func withoutCode(text string) string {
	return quoted.ReplaceAllString(fenced.ReplaceAllString(text, ""), "`code`")
}

// codeOf is what can be typed: shell blocks without their comments, and quoted words.
func codeOf(text string) (code []string) {
	comment := regexp.MustCompile(`(?m)(^|\s)#.*$`)
	for _, block := range fenced.FindAllStringSubmatch(text, -1) {
		if block[1] == "sh" {
			code = append(code, comment.ReplaceAllString(block[2], ""))
		}
	}
	for _, found := range quoted.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		code = append(code, found[1])
	}
	return code
}
