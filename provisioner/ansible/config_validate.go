package ansible

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// unknown is what a value of a data source reads as under plain `packer validate`.
const unknown = "<unknown>"

var taskName = regexp.MustCompile(`^[a-z0-9]+([_-][a-z0-9]+)*$`)

// validate reports all problems at once, each beginning with the attribute.
func (c *Config) validate() error {
	return errors.Join(c.validatePlaces(), c.validateTasks(), c.validateVariables(),
		c.validateTimeout(), c.validateLogFile(), c.validateArguments())
}

func (c *Config) validateTasks() error {
	var errs []error
	for i, task := range c.Tasks {
		switch {
		case task == unknown:
		case !taskName.MatchString(task):
			errs = append(errs, fmt.Errorf("tasks: must be names of task files: lower case letters, digits, - and _, got %q", task))
		case slices.Contains(c.Tasks[:i], task):
			errs = append(errs, fmt.Errorf("tasks: must name each task file once, got %q again", task))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) validateTimeout() error {
	limit, err := time.ParseDuration(c.AnsibleTimeout)
	if c.AnsibleTimeout != unknown && (err != nil || limit <= 0) {
		return fmt.Errorf(`ansible_timeout: must be a duration above zero such as "90m", got %q`, c.AnsibleTimeout)
	}
	return nil
}

func (c *Config) validateLogFile() error {
	folder := filepath.Dir(c.LogFile)
	if info, err := os.Stat(folder); c.LogFile != unknown && (err != nil || !info.IsDir()) {
		return fmt.Errorf("log_file: must be in a folder that exists, got %q; run: mkdir -p %s", c.LogFile, folder)
	}
	return nil
}

func (c *Config) validateArguments() error {
	if slices.Contains(c.ExtraArguments, "") {
		return errors.New("extra_arguments: must be arguments of ansible-playbook, got an empty one; remove it")
	}
	return nil
}
