package libvirt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

var inputsPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// taskInputs is one of `layers`: a task file, and the digest of all that can change what it does.
type taskInputs struct {
	Task   string `json:"task"`
	Inputs string `json:"inputs"`
}

// taskInputs returns none without `layers`.
func (c *Config) taskInputs() ([]taskInputs, error) {
	if c.Layers == "" {
		return nil, nil
	}
	var tasks []taskInputs
	decoder := json.NewDecoder(bytes.NewReader([]byte(c.Layers)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&tasks); err != nil {
		return nil, fmt.Errorf("layers: must be a JSON list of objects with task and inputs, %w", jsonProblem(err))
	}
	if decoder.More() {
		return nil, errors.New("layers: must be one JSON list, got more after it")
	}
	if len(tasks) == 0 {
		return nil, errors.New("layers: must name at least one task file; leave it out to keep nothing")
	}
	return tasks, nil
}

func (c *Config) validateLayers() error {
	if c.Layers == placeholder {
		return nil
	}
	tasks, err := c.taskInputs()
	errs := []error{err}
	seen := map[string]bool{}
	for i, t := range tasks {
		if !namePattern.MatchString(t.Task) {
			errs = append(errs, fmt.Errorf("layers: task must be the name of a task file, got %q at place %d", t.Task, i+1))
		} else if seen[t.Task] {
			errs = append(errs, fmt.Errorf("layers: each task must be there once, got %s again at place %d", t.Task, i+1))
		}
		if !inputsPattern.MatchString(t.Inputs) {
			errs = append(errs, fmt.Errorf("layers: inputs must be sha256: and 64 lower-case hexadecimal digits, got %q at place %d", t.Inputs, i+1))
		}
		seen[t.Task] = true
	}
	return errors.Join(errs...)
}

func (c *Config) validateCache() error {
	errs := []error{
		oneOf("cache", c.Cache, "on", "off"),
		between("cache_size", c.CacheSize, 1, 64<<20, " MiB"),
	}
	if c.CacheAge <= 0 {
		errs = append(errs, fmt.Errorf("cache_age: must be longer than 0s, got %s", c.CacheAge))
	}
	return errors.Join(errs...)
}
