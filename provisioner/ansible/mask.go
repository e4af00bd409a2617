package ansible

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// masked stands where a secret was.
const masked = "<sensitive>"

// newMask replaces the values of sensitive variables: all strings and numbers in them, however deep, plain and as JSON writes
// them. Packer itself masks only what is shown, not the log.
func (c *Config) newMask() (*strings.Replacer, error) {
	variables, err := parseVariables(c.Variables)
	if err != nil {
		return nil, err
	}
	var secrets []string
	for _, name := range slices.Concat(c.SensitiveVariables, c.PackerSensitiveVars) {
		dec := json.NewDecoder(bytes.NewReader(variables[name]))
		dec.UseNumber()
		var value any
		if dec.Decode(&value) == nil {
			secrets = appendLeaves(secrets, value)
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // the longest wins
	var pairs []string
	for _, secret := range secrets {
		quoted, _ := json.Marshal(secret)
		pairs = append(pairs, secret, masked, strings.Trim(string(quoted), `"`), masked)
	}
	return strings.NewReplacer(pairs...), nil
}

// appendLeaves leaves out what is too short to be a secret: masking it would only make the rest unreadable.
func appendLeaves(secrets []string, value any) []string {
	switch v := value.(type) {
	case string:
		for _, text := range append(strings.Split(v, "\n"), v) { // a log may show its lines one by one
			if len(text) > 3 {
				secrets = append(secrets, text)
			}
		}
	case json.Number:
		secrets = appendLeaves(secrets, v.String())
	case []any:
		for _, item := range v {
			secrets = appendLeaves(secrets, item)
		}
	case map[string]any:
		for _, item := range v {
			secrets = appendLeaves(secrets, item)
		}
	}
	return secrets
}
