// Package strictyaml reads the YAML that people write by hand for Ingot: versions.yaml, specs and argument_specs.yml.
//
// It refuses what such a file never needs (anchors, aliases, merge keys, tags, several documents, great size or depth),
// so a file means exactly what it shows. A [File] collects every problem with its line, so that one run tells all of them.
// It is the only package that imports a YAML library; [Node] is that library's node, which knows its line.
package strictyaml

import (
	"errors"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// maxProblems is how many problems of one file are shown; more than that is one mistake repeated.
const maxProblems = 20

// Node is one value of a file.
type Node = yaml.Node

// File is one file and the problems found in it so far.
type File struct {
	// Path is the file as the user would type it: it starts every message.
	Path string
	// Root is the document's value: nil when the file could not be parsed.
	Root *Node

	problems []problem
}

type problem struct {
	line    int
	message string
}

// Problem notes that something is wrong with n.
func (f *File) Problem(n *Node, format string, args ...any) {
	f.problems = append(f.problems, problem{line: n.Line, message: fmt.Sprintf(format, args...)})
}

// At returns n's place as "file:line".
func (f *File) At(n *Node) string { return fmt.Sprintf("%s:%d", f.Path, n.Line) }

// Err returns all problems in the order of their lines, or nil.
func (f *File) Err() error {
	slices.SortStableFunc(f.problems, func(a, b problem) int { return a.line - b.line })
	f.problems = slices.Compact(f.problems)
	var errs []error
	for i, p := range f.problems {
		if i == maxProblems {
			errs = append(errs, fmt.Errorf("%s: and %d more problems", f.Path, len(f.problems)-i))
			break
		}
		errs = append(errs, fmt.Errorf("%s: %s", f.At(&Node{Line: p.line}), p.message))
	}
	return errors.Join(errs...)
}
