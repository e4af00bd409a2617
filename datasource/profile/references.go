package profile

import (
	"path"
	"regexp"
	"strings"
)

// Only Ansible can evaluate a text, so what it refers to is found by looking for names: rather a layer that is made again for nothing
// than one that is wrong. Texts are those of files, and values of variables.

var (
	// anyFile is in texts that take files whatever they are called.
	anyFile = regexp.MustCompile(`\b(?:fileglob|filetree)\b|(?:\b(?:files|templates)/|/(?:files|templates))(?:[^\w./-]|$)`)
	// anyVariable is in texts that compute the names of variables.
	anyVariable = regexp.MustCompile(`\b(?:hostvars|varnames)\b|\bvars\[|['".]vars['"]`)
)

// mentions tells whether text has name as a word: "look" is in "look.j2", not in "lookup".
func mentions(text, name string) bool {
	for from := 0; ; from++ {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		from += at
		if isBoundary(text, from) && isBoundary(text, from+len(name)) {
			return true
		}
	}
}

// isBoundary is \b of regular expressions.
func isBoundary(text string, at int) bool {
	return at == 0 || at == len(text) || !isWord(text[at-1]) || !isWord(text[at])
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// task is the name of a task file as profiles select it.
func (f *file) task() string { return strings.TrimSuffix(path.Base(f.path), path.Ext(f.path)) }

// name is what others call the file: its path below files/, templates/ or tasks/, else its path.
func (f *file) name() string {
	if top, below, nested := strings.Cut(f.path, "/"); nested && (top == "files" || top == "templates" || top == "tasks") {
		return below
	}
	return f.path
}

func (f *file) isNamedIn(text string) bool { return mentions(text, f.name()) }

// isUsedIn tells whether text refers to the file: by its name, also without .j2, or by its first folder, since the rest may be computed.
// A file that a proof names takes more than the folder: also the word that its own name starts with, or the folder as a whole.
func (f *file) isUsedIn(text string, isProof bool) bool {
	folder, _, nested := strings.Cut(f.name(), "/")
	word, _, _ := strings.Cut(path.Base(f.path), ".")
	switch {
	case mentions(text, strings.TrimSuffix(f.name(), ".j2")):
		return true
	case f.kind == taskFile:
		return isTaskFrom(text, f.task())
	case !nested:
		return false
	case mentions(text, folder+"/") && (!isProof || mentions(text, word)):
		return true
	}
	return isWhole(text, folder)
}

// isWhole tells whether text takes a folder as a whole: nothing follows its name.
func isWhole(text, folder string) bool {
	name := regexp.QuoteMeta(folder)
	return mentions(text, folder) &&
		regexp.MustCompile(`(?m)(?:\bsrc:\s*["']?`+name+`/?|\b`+name+`/)(?:["'*?\[,)\]}]|\s+#|\s*$)`).MatchString(text)
}

// isTaskFrom tells whether text includes a task file as include_role does, without its extension.
func isTaskFrom(text, name string) bool {
	return mentions(text, "tasks_from: "+name) || mentions(text, `tasks_from: "`+name) || mentions(text, "tasks_from: '"+name)
}
