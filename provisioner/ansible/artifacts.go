package ansible

import (
	"encoding/json"
	"fmt"
	"strings"
)

// pinPrefix begins the names of variables that are pins: a version, a URL and a checksum.
const pinPrefix = "pin_"

// artifacts are the pinned files that the guest has already: checksum to URL in the guest.
type artifacts map[string]string

// parseArtifacts reads IngotArtifacts. A builder that says nothing of artifacts has none.
func parseArtifacts(text string) (artifacts, error) {
	if text == "" {
		return nil, nil
	}
	var found artifacts
	err := json.Unmarshal([]byte(text), &found)
	return found, err
}

// localize gives each pin whose checksum the guest has the guest's URL. Every other variable, and all else in a pin, stays as it
// was written.
func (a artifacts) localize(variables map[string]json.RawMessage) error {
	for name, text := range variables {
		var pin map[string]json.RawMessage
		var checksum string
		if !strings.HasPrefix(name, pinPrefix) || json.Unmarshal(text, &pin) != nil || json.Unmarshal(pin["checksum"], &checksum) != nil {
			continue
		}
		location, ok := a[checksum]
		if !ok {
			continue
		}
		var err error
		if pin["url"], err = encode(location); err != nil {
			return fmt.Errorf("variables: %s: %w", name, err)
		}
		if variables[name], err = encode(pin); err != nil {
			return fmt.Errorf("variables: %s: %w", name, err)
		}
	}
	return nil
}
