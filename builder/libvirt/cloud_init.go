package libvirt

import (
	"encoding/json"
	"fmt"
	"slices"
)

// cloudInitResult is what cloud-init says of itself when it is done.
type cloudInitResult struct {
	errors   []string
	warnings []string // of all levels, in the order of the levels' names
}

// parseCloudInit reads result.json.
// https://cloudinit.readthedocs.io/en/latest/explanation/exported_errors.html
func parseCloudInit(text string) (cloudInitResult, error) {
	var file struct {
		V1 struct {
			Errors            []string            `json:"errors"`
			RecoverableErrors map[string][]string `json:"recoverable_errors"` // from 23.4
		} `json:"v1"`
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		return cloudInitResult{}, fmt.Errorf("reading cloud-init's result.json: %w", err)
	}
	result := cloudInitResult{errors: file.V1.Errors}
	for level, messages := range file.V1.RecoverableErrors {
		for _, message := range messages {
			result.warnings = append(result.warnings, level+": "+message)
		}
	}
	slices.Sort(result.warnings)
	return result, nil
}
