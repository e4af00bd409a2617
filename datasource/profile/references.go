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
	anyFile = regexp.MustCompile(`fileglob|filetree|(?:\b(?:files|templates)/|/(?:files|templates))(?:[^\w./-]|$)`)
	// anyVariable is in texts that compute the names of variables.
	anyVariable = regexp.MustCompile(`\b(?:hostvars|varnames)\b|\bvars\[|['".]vars['"]`)
)

// mentions tells whether text has the name of a variable.
func mentions(text, name string) bool { return contains(text, name, isWord) }

// mentionsPath tells whether text has a path, or the start of one: "web/look" is in "files/web/look.j2", not in "web/look-again".
func mentionsPath(text, path string) bool {
	return contains(text, path, func(c byte) bool { return c == '-' || isWord(c) })
}

// contains tells whether text has name as a whole: not inside a longer one that is made of the same characters.
func contains(text, name string, isPart func(byte) bool) bool {
	joins := func(at int) bool { return 0 < at && at < len(text) && isPart(text[at-1]) && isPart(text[at]) }
	for from := 0; ; from++ {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		if from += at; !joins(from) && !joins(from+len(name)) {
			return true
		}
	}
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

func (f *file) isNamedIn(text string) bool { return mentionsPath(text, f.name()) }

// isUsedIn tells whether text refers to the file: by its name, also without .j2, or by its first folder, since the rest may be computed.
// A file that a proof names takes more than the folder: also the word that its own name starts with as an item, or the folder as a whole.
func (f *file) isUsedIn(text string, isProof bool) bool {
	folder, _, nested := strings.Cut(f.name(), "/")
	word, _, _ := strings.Cut(path.Base(f.path), ".")
	switch {
	case mentionsPath(text, strings.TrimSuffix(f.name(), ".j2")):
		return true
	case f.kind == taskFile:
		return isTaskFrom(text, f.task())
	case !nested:
		return false
	case mentionsPath(text, folder+"/") && (!isProof || isItem(text, word)):
		return true
	}
	return isWhole(text, folder)
}

// What surrounds a path in YAML, JSON or Jinja that is all of an item. A slash before it is that of an absolute path: another folder.
const (
	start = `(?:^|[\s"'\[({,]|(?:files|templates|\}\})/)`
	end   = `(?:["'*?\[,)\]}]|\s+#|\s*$)`
)

// isWhole tells whether text takes a folder as a whole: nothing follows its name.
func isWhole(text, folder string) bool {
	name := regexp.QuoteMeta(folder)
	return mentionsPath(text, folder) && regexp.MustCompile(`(?m)(?:\bsrc:\s*["']?`+name+`/?|`+start+name+`/)`+end).MatchString(text)
}

// isItem tells whether text has word as an item from which the name of a file may be made, and not in a sentence.
func isItem(text, word string) bool {
	return mentionsPath(text, word) && regexp.MustCompile(`(?m)(?:^|[^\w-])`+regexp.QuoteMeta(word)+`(?:[.{]|`+end+`)`).MatchString(text)
}

// isTaskFrom tells whether text includes a task file as include_role does, without its extension.
func isTaskFrom(text, name string) bool {
	return mentionsPath(text, "tasks_from: "+name) || mentionsPath(text, `tasks_from: "`+name) || mentionsPath(text, "tasks_from: '"+name)
}
