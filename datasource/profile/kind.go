package profile

import (
	"path"
	"strings"
)

// kind is what a file of the folder can do to an image.
type kind int

const (
	// shared files reach every task: playbooks, vars, handlers, plugins, and all that kindOf does not know.
	shared kind = iota
	// named files reach the tasks that refer to them: those in files/ and templates/, and playbooks that tasks include.
	named
	// taskFile is what profiles select; others may refer to it.
	taskFile
	// proof files look at images that are finished.
	proof
	// irrelevant files reach no task, or do so by content that is looked at elsewhere: options, defaults, specs and declarations.
	irrelevant
)

// isEvaluated tells whether Ansible follows what the file says, so that references in it must be found. What is in files/ may be large.
func (f *file) isEvaluated() bool {
	return f.kind == taskFile || f.kind == named && !strings.HasPrefix(f.path, "files/")
}

func kindOf(name string) kind {
	top, below, nested := strings.Cut(name, "/")
	extension := path.Ext(name)
	switch {
	case name == ".":
		return shared
	case name == argumentSpecs, name == defaultValues, top == "specs", top == declares, top == "vms":
		return irrelevant
	case top[0] == '.', !nested && extension == ".md": // settings of editors and linters
		return irrelevant
	case top == "verify", name == "verify.yaml":
		return proof
	case top == "files", top == "templates":
		return named
	case path.Base(name) == "__pycache__": // Python writes it while Ansible runs
		return irrelevant
	case top == "tasks" && extension == ".yaml" && !strings.Contains(below, "/"):
		return taskFile
	case name == buildPlaybook, name == "apply.yaml", strings.HasPrefix(name, "requirements."):
		return shared
	case top == "tasks", !nested && (extension == ".yaml" || extension == ".yml"):
		return named
	}
	return shared
}

// isAsset tells whether task files copy or render the file.
func (f *file) isAsset() bool {
	return strings.HasPrefix(f.path, "files/") || strings.HasPrefix(f.path, "templates/")
}
