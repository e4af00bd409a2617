package libvirt

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// What a shell, a URL or a path would take apart is left out, and so are names that do not fit into one record of the disk's
// directories: go-diskfs 1.9.4 mixes them up.
var (
	pinNamePattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	fileNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+~-]{0,119}$`)
)

func (c *Config) validateArtifacts() error {
	if c.Artifacts == "" || c.Artifacts == placeholder {
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(c.Artifacts), &object); err != nil {
		return fmt.Errorf("artifacts: must be a JSON object of objects with version, url and checksum, %w", jsonProblem(err))
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(object)) {
		file, err := parsePinnedFile(name, object[name])
		if err != nil {
			errs = append(errs, fmt.Errorf("artifacts: %s: must be an object with version, url and checksum, %w", name, jsonProblem(err)))
			continue
		}
		errs = append(errs, file.validate())
	}
	return errors.Join(errs...)
}

func (f pinnedFile) validate() error {
	var errs []error
	if !pinNamePattern.MatchString(f.Name) {
		errs = append(errs, fmt.Errorf("artifacts: names must be at most 100 letters, digits and . _ -, since each becomes a folder, got %q", f.Name))
	}
	if f.Version == "" {
		errs = append(errs, fmt.Errorf("artifacts: %s: version is required", f.Name))
	}
	if location, err := url.Parse(f.URL); err != nil || !isWeb(location) {
		errs = append(errs, fmt.Errorf("artifacts: %s: url must be an http(s) URL with a host, got %q", f.Name, redacted(f.URL)))
	} else if err := checkWebPath(location); err != nil {
		errs = append(errs, fmt.Errorf("artifacts: %s: url %w, got %q", f.Name, err, redacted(f.URL)))
	} else if !fileNamePattern.MatchString(f.baseName()) {
		errs = append(errs, fmt.Errorf("artifacts: %s: url must end with a file name of at most 120 letters, digits and . _ + ~ -, got %q", f.Name, redacted(f.URL)))
	}
	if !checksumPattern.MatchString(f.Checksum) {
		errs = append(errs, fmt.Errorf("artifacts: %s: checksum must be sha256: and 64 or sha512: and 128 lower-case hexadecimal digits, got %q", f.Name, f.Checksum))
	}
	return errors.Join(errs...)
}

// checkWebPath refuses what the downloader, go-getter, takes for the end of the URL.
func checkWebPath(location *url.URL) error {
	if strings.Contains(location.EscapedPath(), "//") {
		return errors.New("must not have // in its path; write one slash")
	}
	return nil
}

func isWeb(location *url.URL) bool {
	return slices.Contains([]string{"http", "https"}, location.Scheme) && location.Host != ""
}

// jsonProblem leaves the names of Go types out.
func jsonProblem(err error) error {
	if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("got %s", other.Value)
	}
	return fmt.Errorf("got something else: %w", err)
}
