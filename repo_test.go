package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// The rules of this repository that no single file can hold. Each failure says what to do.

func TestTaskFilesHaveArgumentsAndProof(t *testing.T) {
	tasks, entries, proofs := names(t, "ansible/tasks/*.yaml"), slices.Sorted(maps.Keys(options(t))), names(t, "ansible/verify/*.yaml")
	for _, name := range missing(tasks, entries) {
		t.Errorf("ansible/tasks/%s.yaml has no entry in ansible/meta/argument_specs.yml: write one, with options {} when it takes no variable", name)
	}
	for _, name := range missing(tasks, proofs) {
		t.Errorf("ansible/tasks/%s.yaml has no proof: write ansible/verify/%[1]s.yaml", name)
	}
	for _, name := range missing(entries, tasks) {
		t.Errorf("ansible/meta/argument_specs.yml: the entry %s has no task file: write ansible/tasks/%[1]s.yaml, or delete the entry", name)
	}
	for _, name := range missing(proofs, tasks) {
		t.Errorf("ansible/verify/%s.yaml proves no task file: write ansible/tasks/%[1]s.yaml, or delete the proof", name)
	}
}

func TestEveryPinIsUsed(t *testing.T) {
	asked := map[string]bool{}
	for task, options := range options(t) {
		for _, variable := range options {
			if !strings.HasPrefix(variable, "pin_") {
				continue
			}
			asked[variable] = true
			if path := "ansible/tasks/" + task + ".yaml"; !slices.Contains(pinWord.FindAllString(read(t, path), -1), variable) {
				t.Errorf("ansible/meta/argument_specs.yml: %s asks for %s and does not use it: use it in %s, or delete the option", task, variable, path)
			}
		}
	}
	tools := pinVariables(t)
	for _, variable := range slices.Sorted(maps.Keys(tools)) {
		if !asked[variable] {
			t.Errorf("versions.yaml: no task uses %s: add the option %s to the task that installs it, or delete the pin", tools[variable], variable)
		}
	}
	for _, variable := range slices.Sorted(maps.Keys(asked)) {
		if tools[variable] == "" {
			t.Errorf("ansible/meta/argument_specs.yml asks for %s, and versions.yaml has no such tool: add it there", variable)
		}
	}
}

func TestEveryUseIsPinned(t *testing.T) {
	all := options(t)
	for path, text := range files(t, "ansible") {
		task, isTask := strings.CutPrefix(strings.TrimSuffix(path, ".yaml"), "ansible/tasks/")
		for _, variable := range pinWord.FindAllString(text, -1) {
			switch {
			case isTask && !slices.Contains(all[task], variable):
				t.Errorf("%s uses %s: add that option to %s in ansible/meta/argument_specs.yml, or nobody gives it a value", path, variable, task)
			case !isTask && !slices.Contains(slices.Concat(slices.Collect(maps.Values(all))...), variable):
				t.Errorf("%s names %s, which no task asks for in ansible/meta/argument_specs.yml", path, variable)
			}
		}
	}
}

func TestEveryImageIsSelectable(t *testing.T) {
	images := slices.Sorted(maps.Keys(pins(t).Images))
	distributions := names(t, "ansible/vars/*.yaml")
	for _, name := range missing(images, distributions) {
		t.Errorf("versions.yaml: images.%s: a build of it stops, because there is no ansible/vars/%[1]s.yaml: write it", name)
	}
	for _, name := range missing(distributions, images) {
		t.Errorf("ansible/vars/%s.yaml: no image of versions.yaml has that name: pin the image, or delete the file", name)
	}
	for _, arch := range architectures {
		for _, image := range images {
			if _, err := pinned(arch, image); err != nil {
				t.Errorf("%s for %s: %v", image, arch, err)
			}
		}
	}
}

// pinWord is the name of a variable that is a pin.
var pinWord = regexp.MustCompile(`\bpin_[a-z0-9_]+`)

func pins(t *testing.T) versions.Pins {
	t.Helper()
	pins, err := versions.Load("versions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return pins
}

// pinVariables are the tools of versions.yaml by the variable in which a task gets them.
func pinVariables(t *testing.T) map[string]string {
	variables := map[string]string{}
	for name := range pins(t).Tools {
		variables["pin_"+strings.ReplaceAll(name, "-", "_")] = name
	}
	return variables
}

// options are the variables that each task takes.
func options(t *testing.T) map[string][]string {
	t.Helper()
	var file struct {
		Specs map[string]struct{ Options map[string]any } `yaml:"argument_specs"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "ansible/meta/argument_specs.yml")), &file); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for task, spec := range file.Specs {
		all[task] = slices.Sorted(maps.Keys(spec.Options))
	}
	return all
}

// names are the base names of the files that match, without extensions.
func names(t *testing.T, pattern string) []string {
	t.Helper()
	paths, _ := filepath.Glob(pattern)
	if len(paths) == 0 {
		t.Fatalf("there are no files %s: correct the pattern in this test", pattern)
	}
	for i, path := range paths {
		paths[i], _ = strings.CutSuffix(filepath.Base(path), filepath.Ext(pattern))
	}
	return paths
}

func missing(have, from []string) []string {
	return slices.DeleteFunc(slices.Clone(have), func(name string) bool { return slices.Contains(from, name) })
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// files are all files at and below roots, by path.
func files(t *testing.T, roots ...string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				texts[path] = read(t, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(texts) == 0 {
		t.Fatal(fmt.Errorf("there is no file below %q: correct the list in this test", roots))
	}
	return texts
}
