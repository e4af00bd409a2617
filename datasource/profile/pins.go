package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// pinPrefix starts the name of every variable that is a pin.
const pinPrefix = "pin_"

// pin is one download at one version, as a task gets it.
type pin struct {
	Checksum string `json:"checksum"`
	Missing  string `json:"missing,omitempty"` // why there is no download, instead of all the others
	URL      string `json:"url"`
	Version  string `json:"version"`
}

// parsePins reads the attribute pins into variables by name: pin_some_tool for some-tool.
func parsePins(text string) (map[string]pin, error) {
	if text == "" || text == unknown {
		return nil, nil
	}
	var pins map[string]pin
	dec := json.NewDecoder(bytes.NewBufferString(text))
	dec.DisallowUnknownFields()
	err := dec.Decode(&pins)
	if err == nil && dec.Decode(&struct{}{}) != io.EOF {
		err = errors.New("something follows the object")
	}
	if err != nil {
		return nil, fmt.Errorf("pins: must be a JSON object of name to {version, url, checksum}, "+
			"as jsonencode(data.ingot-versions.NAME.pins) gives: %w", err)
	}
	variables := map[string]pin{}
	for name, p := range pins {
		if p.Missing == "" && (p.Version == "" || p.URL == "" || p.Checksum == "") {
			return nil, fmt.Errorf("pins: %s: version, url and checksum are required, got %s", name, marshal(p))
		}
		variables[pinVariable(name)] = p
	}
	return variables, nil
}

func pinVariable(name string) string { return pinPrefix + strings.ReplaceAll(name, "-", "_") }

func pinName(variable string) string {
	return strings.ReplaceAll(strings.TrimPrefix(variable, pinPrefix), "_", "-")
}
