package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// differs is what a quoted message has in the place of what differs.
const differs = "…"

var (
	verb     = regexp.MustCompile(`%[-+# 0-9.*\[\]]*[a-zA-Z]`)
	expanded = regexp.MustCompile(`\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_0-9]+`)
	errorDoc = regexp.MustCompile("(?ms)^```text\n(.*?)^```$")
)

// TestTroubleshootingQuotesWhatIsPrinted: each line that docs/troubleshooting.md shows is a text of a program or script here.
func TestTroubleshootingQuotesWhatIsPrinted(t *testing.T) {
	printed := printedTexts(t)
	blocks := errorDoc.FindAllStringSubmatch(read(t, "docs/troubleshooting.md"), -1)
	if len(blocks) < 20 {
		t.Fatalf("docs/troubleshooting.md shows %d messages, want at least 20: correct the pattern in this test", len(blocks))
	}
	for _, block := range blocks {
		for line := range strings.Lines(block[1]) {
			if line = strings.TrimSpace(line); !strings.Contains(printed, line) {
				t.Errorf("docs/troubleshooting.md shows a message that nothing prints any more: correct or delete it: %s", line)
			}
		}
	}
}

// printedTexts are the texts in the Go sources, one a line and with differs for what is filled in, and the scripts.
func printedTexts(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for path, text := range files(t, "builder", "datasource", "postprocessor", "provisioner", "main.go") {
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			e, isExpression := n.(ast.Expr)
			text := ""
			if isExpression {
				text = textOf(e)
			}
			all.WriteString(verb.ReplaceAllString(text, differs) + "\n")
			return text == ""
		})
	}
	for path, text := range files(t, "scripts", "ansible/files") {
		if !strings.HasPrefix(path, "scripts/mirror.d/archives") {
			text = strings.ReplaceAll(text, "\\\n", "")
			all.WriteString(strings.ReplaceAll(expanded.ReplaceAllString(text, differs), `\"`, `"`) + "\n")
		}
	}
	return all.String()
}

// textOf is a text or a sum of texts, with differs for what is no text; nothing for another expression.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value)
			return text
		}
	case *ast.BinaryExpr:
		left, right := textOf(e.X), textOf(e.Y)
		switch {
		case e.Op != token.ADD || left+right == "":
			return ""
		case left == "":
			return differs + right
		case right == "":
			return left + differs
		}
		return left + right
	}
	return ""
}
