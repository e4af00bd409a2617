package ansible

import (
	"encoding/json"
	"slices"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// parseTasksDone reads IngotTasksDone. A builder without layers says nothing of it.
func parseTasksDone(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var done []string
	err := json.Unmarshal([]byte(text), &done)
	return done, err
}

// leaveOut returns the tasks that have to be applied, and tells the user and the report of the others: an earlier build has applied
// them to the layer that the guest's disk stands on.
func leaveOut(tasks, done []string, r *report, ui packersdk.Ui) []string {
	var left, cached []string
	for _, task := range tasks {
		if slices.Contains(done, task) {
			cached = append(cached, task)
			ui.Sayf("%s … cached", task)
		} else {
			left = append(left, task)
		}
	}
	if len(cached) > 0 {
		r.cached(cached)
	}
	return left
}
