package libvirt

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// tailLines is how much of the console a failed build prints.
const tailLines = 40

// keepLogs prints the end of the console of a failed build and keeps both logs in `<output_directory>.failed`.
func (c *Config) keepLogs(ui packersdk.Ui, build *buildDirectory) {
	lines := lastLines(build.file(consoleFile), tailLines)
	if len(lines) == 0 {
		return // nothing was booted
	}
	directory := filepath.Clean(c.OutputDirectory) + ".failed"
	err := errors.Join(os.MkdirAll(directory, 0o755), removeFiles(directory, consoleFile, ansibleFile),
		copyLog(build.file(consoleFile), directory), copyLog(build.file(ansibleFile), directory))
	if err != nil {
		ui.Error(fmt.Sprintf("Keeping the logs of the failed build: %v", err))
	}
	ui.Error(fmt.Sprintf("The guest's console, last %d lines; all of it is in %s:", len(lines), filepath.Join(directory, consoleFile)))
	for _, line := range lines {
		ui.Error("  | " + line)
	}
}

// removeFiles removes those of the names that are there.
func removeFiles(directory string, names ...string) error {
	var errs []error
	for _, name := range names {
		if err := os.Remove(filepath.Join(directory, name)); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// copyLog copies a log that may not exist, readable for all.
func copyLog(path, directory string) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, filepath.Base(path)), content, 0o644)
}

// lastLines returns the end of a text file without control characters, or nothing when there is no such file.
func lastLines(path string, count int) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var lines []string
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, printable(scanner.Text()))
		lines = lines[max(0, len(lines)-count):]
	}
	return lines
}

// escapeSequence moves a terminal's cursor or colours its text (ECMA-48 §5.4).
var escapeSequence = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]`)

func printable(text string) string {
	text = escapeSequence.ReplaceAllString(strings.TrimRight(text, "\r"), "")
	text = text[strings.LastIndexByte(text, '\r')+1:] // what was written over is not to be seen on a terminal either
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
