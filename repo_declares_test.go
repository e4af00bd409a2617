package main

import (
	"slices"
	"testing"
)

// TestDeclarationsAreSomebodys: a file in declares/ that nobody reads would allow nothing, in silence.
func TestDeclarationsAreSomebodys(t *testing.T) {
	declarations, distributions := names(t, "ansible/declares/*.yaml"), names(t, "ansible/vars/*.yaml")
	for _, name := range missing(declarations, slices.Concat(distributions, names(t, "ansible/tasks/*.yaml"))) {
		t.Errorf("ansible/declares/%s.yaml is named after neither a distribution in ansible/vars nor a task file: rename it, or delete it", name)
	}
	for _, name := range missing(distributions, declarations) {
		t.Errorf("ansible/vars/%s.yaml: an image of it may have no user at all, not even root: write ansible/declares/%[1]s.yaml", name)
	}
}
