package main

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// TestIntegrationsPageHasEveryComponent: what main.go registers, what metadata.hcl lists, and the pages there are the same.
func TestIntegrationsPageHasEveryComponent(t *testing.T) {
	file, problems := hclsyntax.ParseConfig([]byte(read(t, ".web-docs/metadata.hcl")), ".web-docs/metadata.hcl", hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	page := file.Body.(*hclsyntax.Body).Blocks[0].Body
	flags, problems := page.Attributes["flags"].Expr.Value(nil)
	if problems.HasErrors() || flags.LengthInt() != 1 || flags.Index(cty.Zero).AsString() != "hcp-ready" {
		t.Errorf(".web-docs/metadata.hcl: flags must be hcp-ready alone, since builds have HCP's metadata; one that the page does not know leaves it empty")
	}
	var components []string
	for _, block := range page.Blocks {
		if block.Type == "component" {
			components = append(components, textIn(t, block, "type")+"/"+textIn(t, block, "slug"))
		}
	}
	var registered []string
	kinds := map[string]string{"Builder": "builder", "Datasource": "data-source", "Provisioner": "provisioner", "PostProcessor": "post-processor"}
	for _, found := range regexp.MustCompile(`set\.Register(\w+)\("([a-z]+)"`).FindAllStringSubmatch(read(t, "main.go"), -1) {
		registered = append(registered, kinds[found[1]]+"/"+found[2])
	}
	var documented []string
	paths, _ := filepath.Glob(".web-docs/components/*/*/README.md")
	for _, path := range paths {
		documented = append(documented, strings.TrimPrefix(filepath.Dir(path), ".web-docs/components/"))
	}
	for _, list := range [][]string{components, registered, documented} {
		slices.Sort(list)
	}
	if !slices.Equal(components, registered) || !slices.Equal(documented, registered) {
		t.Errorf("main.go registers %q, .web-docs/metadata.hcl lists %q, and there are pages of %q", registered, components, documented)
	}
}

// textIn is an attribute of a block.
func textIn(t *testing.T, block *hclsyntax.Block, attribute string) string {
	t.Helper()
	value, problems := block.Body.Attributes[attribute].Expr.Value(nil)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	return value.AsString()
}

// TestActionsArePinned: an action runs with the rights of its job, and a tag can be moved.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^(\./\S+|[\w.-]+/[\w./-]+@[0-9a-f]{40} # \S.*)$`)
	uses := regexp.MustCompile(`(?m)^[ -]*uses: *(.*)$`)
	workflows := files(t, ".github/workflows")
	for _, path := range slices.Sorted(maps.Keys(workflows)) {
		for _, found := range uses.FindAllStringSubmatch(workflows[path], -1) {
			if !pinned.MatchString(found[1]) {
				t.Errorf("%s: %s: pin it by its commit, with the version behind it", path, found[1])
			}
		}
	}
}

// TestPackerVersionsAgree: the oldest Packer that templates take is the oldest that is looked for, and the oldest that CI tries.
func TestPackerVersionsAgree(t *testing.T) {
	oldest := regexp.MustCompile(`(?m)^oldest=(\S+)$`).FindStringSubmatch(read(t, "scripts/packer"))
	if oldest == nil {
		t.Fatal("scripts/packer has no line oldest=...")
	}
	if !strings.Contains(read(t, ".github/workflows/ci.yml"), `packer: ["`+oldest[1]+`", `) {
		t.Errorf(".github/workflows/ci.yml: the first packer in the matrix must be %s, the oldest of scripts/packer", oldest[1])
	}
	for path, text := range files(t, "templates", "example") {
		if strings.HasSuffix(path, ".pkr.hcl") && !strings.Contains(text, `required_version = ">= `+oldest[1]+`"`) {
			t.Errorf("%s: required_version must be >= %s, the oldest of scripts/packer", path, oldest[1])
		}
	}
}
