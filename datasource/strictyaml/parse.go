package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxDepth is how deep values may nest: no file of ours goes beyond eight.
const maxDepth = 20

// Parse reads data as one YAML document. Root is set only when the whole document is acceptable.
func Parse(path string, data []byte) *File {
	f := &File{Path: path}
	if at := invalidUTF8(data); at > 0 {
		f.Problem(&Node{Line: at}, "must be UTF-8 text")
		return f
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && isNull(doc.Content[0]):
		f.Problem(&Node{Line: 1}, "is empty")
		return f
	case err != nil:
		f.syntax(err)
		return f
	}
	var second Node
	if err := dec.Decode(&second); err == nil {
		f.Problem(&second, "must hold one YAML document, a second one starts here")
	} else if !errors.Is(err, io.EOF) {
		f.syntax(err)
	}
	f.check(doc.Content[0], 1)
	if len(f.problems) == 0 {
		f.Root = doc.Content[0]
	}
	return f
}

// invalidUTF8 returns the first line that is not UTF-8, or 0.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return 0
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) {
			return i + 1
		}
	}
	return 1
}

var syntaxLine = regexp.MustCompile(`^line (\d+): `)

// syntax notes the parser's own error: it carries its line as text.
func (f *File) syntax(err error) {
	text, at := strings.TrimPrefix(err.Error(), "yaml: "), &Node{Line: 1}
	if m := syntaxLine.FindStringSubmatch(text); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		text = strings.TrimPrefix(text, m[0])
	}
	f.Problem(at, "is not valid YAML: %s", text)
}
