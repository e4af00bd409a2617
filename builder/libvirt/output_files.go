package libvirt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// exportedImage is the finished file, not yet under its final name.
type exportedImage struct {
	staging  string            // directory
	checksum string            // sha256:…
	size     int64             // bytes
	files    map[string][]byte // manifest.json and logs, by name
}

// stagingNote is kept in the build's directory so that a sweep finds what a killed build left beside the output.
const stagingNote = "staging"

func stagingName(id string) string { return ".ingot-" + id + ".partial" }

// createStaging makes the directory that becomes output_directory, beside it.
func (c *Config) createStaging(build *buildDirectory) (string, error) {
	output, err := filepath.Abs(c.OutputDirectory)
	if err != nil {
		return "", err
	}
	staging := filepath.Join(filepath.Dir(output), stagingName(build.id.ID))
	if err := os.WriteFile(build.file(stagingNote), []byte(staging), 0o600); err != nil {
		return "", err
	}
	return staging, os.MkdirAll(staging, 0o755)
}

// publishOutput writes checksum, manifest and logs beside the image, and gives the directory its final name in one move.
func (c *Config) publishOutput(exported exportedImage) error {
	sum := strings.TrimPrefix(exported.checksum, "sha256:") + "  " + c.ImageName + "\n"
	errs := []error{os.WriteFile(filepath.Join(exported.staging, "SHA256SUMS"), []byte(sum), 0o644)}
	for name, content := range exported.files {
		errs = append(errs, os.WriteFile(filepath.Join(exported.staging, name), content, 0o644))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("output_directory: writing beside the image: %w", err)
	}
	// Looked at again: minutes have passed since the first look.
	if err := c.checkOutputDirectory(); err != nil {
		return err
	}
	if err := replaceDirectory(exported.staging, c.OutputDirectory); err != nil {
		return fmt.Errorf("output_directory: giving the image its name in %s: %w", c.OutputDirectory, err)
	}
	return nil
}

// replaceDirectory moves a directory to its name. One that has the name already changes places with it atomically and
// is then removed, so that at no moment there is a mixture of two builds, or nothing.
func replaceDirectory(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_EXCHANGE); err != nil {
		return err
	}
	return os.RemoveAll(from)
}

// readLogs reads those of the build's logs that exist.
func readLogs(build *buildDirectory) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range []string{consoleFile, ansibleFile} {
		content, err := os.ReadFile(build.file(name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[name] = content
	}
	return files, nil
}
