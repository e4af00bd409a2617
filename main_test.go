package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions/bump"
)

// TestExitStatus: a script can tell what is outdated from what is wrong.
func TestExitStatus(t *testing.T) {
	for want, err := range map[int]error{1: errors.New("wrong"), 2: errors.Join(nil, fmt.Errorf("%w", bump.ErrOutdated))} {
		if got := exitStatus(err); got != want {
			t.Errorf("%v: got %d, want %d", err, got, want)
		}
	}
}
