package bump

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// The lines of sha256sum(1), and those of its option --tag and of BSD.
var (
	sumLine = regexp.MustCompile(`^\\?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})[ \t]+\*?(.+)$`)
	tagLine = regexp.MustCompile(`^SHA(?:256|512) ?\((.+)\) ?= ?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$`)
	onlySum = regexp.MustCompile(`^([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$`)
)

// readSums finds the checksum of name in a file of checksums, or "". In one for a single file, the checksum may stand alone.
func readSums(text []byte, name string, single bool) (checksum string, err error) {
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		digits := ""
		if match := sumLine.FindStringSubmatch(line); match != nil && path.Base(match[2]) == name {
			digits = match[1]
		} else if match := tagLine.FindStringSubmatch(line); match != nil && path.Base(match[1]) == name {
			digits = match[2]
		} else if single && onlySum.MatchString(line) {
			digits = line
		}
		if digits == "" {
			continue
		}
		found := withAlgorithm(digits)
		if checksum != "" && found != checksum && algorithm(found) == algorithm(checksum) {
			return "", alarmf("the file of checksums has two for %s: %s and %s", name, checksum, found)
		}
		checksum = found
	}
	if single && checksum == "" {
		return "", fmt.Errorf("the file of checksums for %s has none", name)
	}
	return checksum, nil
}

// withAlgorithm is a checksum as versions.yaml has it; the number of digits tells the algorithm.
func withAlgorithm(digits string) string {
	if len(digits) == 128 {
		return "sha512:" + strings.ToLower(digits)
	}
	return "sha256:" + strings.ToLower(digits)
}
