package ansible

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// tasksVariable is how the playbook learns which task files to apply.
const tasksVariable = "ingot_tasks"

var variableName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// validateVariables checks the names too: an extra variable has the last word in Ansible, also on how it connects.
func (c *Config) validateVariables() error {
	if c.Variables == unknown {
		return nil
	}
	variables, err := parseVariables(c.Variables)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		switch {
		case !variableName.MatchString(name):
			errs = append(errs, fmt.Errorf("variables: names must be letters, digits and _, not starting with a digit, got %q", name))
		case name == tasksVariable:
			errs = append(errs, fmt.Errorf("variables: must not have %q; use the attribute tasks", name))
		case strings.HasPrefix(name, "ansible_"):
			errs = append(errs, fmt.Errorf("variables: must not begin with ansible_, got %q; set how Ansible works in ansible.cfg or in a play", name))
		}
	}
	for _, name := range c.SensitiveVariables {
		if _, ok := variables[name]; !ok && name != unknown {
			errs = append(errs, fmt.Errorf("sensitive_variables: must be names in variables, got %q", name))
		}
	}
	return errors.Join(errs...)
}

// parseVariables keeps each value as it was written, so that its type and every digit survive.
func parseVariables(text string) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	variables := map[string]json.RawMessage{}
	err := dec.Decode(&variables)
	if err == nil && variables == nil {
		err = errors.New("it is null")
	}
	if other := (*json.UnmarshalTypeError)(nil); errors.As(err, &other) {
		err = fmt.Errorf("it is of type %s", other.Value)
	}
	if _, end := dec.Token(); err == nil && !errors.Is(end, io.EOF) {
		err = errors.New("there is something after the object")
	}
	if err != nil {
		return nil, fmt.Errorf("variables: must be a JSON object, got %s: %w; use jsonencode({...})", excerpt(text), err)
	}
	return variables, nil
}

// extraVariables is the file that Ansible reads by `-e @file`.
func (c *Config) extraVariables(local artifacts) ([]byte, error) {
	variables, err := parseVariables(c.Variables)
	if err != nil {
		return nil, err
	}
	if err := local.localize(variables); err != nil {
		return nil, err
	}
	if variables[tasksVariable], err = encode(append([]string{}, c.Tasks...)); err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	return encode(variables)
}

// encode writes JSON for people to read, and leaves characters such as < alone.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(value)
	return out.Bytes(), err
}

// excerpt shows the very beginning of what was given. It is not shown whole: it may be long and hold a secret.
func excerpt(text string) string {
	const most = 12
	if runes := []rune(text); len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", text)
}
