package ansible

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// validatePlaces checks ansible_directory and what is named relative to it.
func (c *Config) validatePlaces() error {
	switch c.AnsibleDirectory {
	case "":
		return errors.New("ansible_directory: is required; name the folder that holds the playbook and tasks/")
	case unknown:
		return nil
	}
	root, err := os.OpenRoot(c.AnsibleDirectory)
	if err != nil {
		return fmt.Errorf("ansible_directory: must be a folder, got %q: %w", c.AnsibleDirectory, reason(err))
	}
	defer func() { _ = root.Close() }()
	return errors.Join(c.validatePlaybook(root), c.validateTaskFiles(root))
}

func (c *Config) validatePlaybook(root *os.Root) error {
	if c.Playbook == unknown {
		return nil
	}
	if !filepath.IsLocal(c.Playbook) {
		return fmt.Errorf("playbook: must stay inside ansible_directory, got %q; name a file relative to it", c.Playbook)
	}
	info, err := root.Stat(c.Playbook)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a file")
	}
	if err != nil {
		return fmt.Errorf("playbook: must be a file in %s, got %q: %w", c.AnsibleDirectory, c.Playbook, reason(err))
	}
	return nil
}

// validateTaskFiles holds each selected task against the files that there are.
func (c *Config) validateTaskFiles(root *os.Root) error {
	var errs []error
	for _, task := range c.Tasks {
		if _, err := root.Stat("tasks/" + task + ".yaml"); err != nil && taskName.MatchString(task) {
			errs = append(errs, fmt.Errorf("tasks: must be files in %s, got %q: no %s.yaml; there are: %s",
				filepath.Join(c.AnsibleDirectory, "tasks"), task, task, available(root)))
		}
	}
	return errors.Join(errs...)
}

// available lists the task files that could have been named.
func available(root *os.Root) string {
	files, _ := fs.Glob(root.FS(), "tasks/*.yaml")
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".yaml")
	}
	if len(files) == 0 {
		return "none"
	}
	return strings.Join(files, ", ")
}

// reason leaves out of err the path that the message names already.
func reason(err error) error {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
