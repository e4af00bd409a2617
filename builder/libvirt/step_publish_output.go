package libvirt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	"golang.org/x/sys/unix"
)

// stepPublishOutput adds checksum, manifest and logs, and gives the directory its final name in one move.
type stepPublishOutput struct {
	config  *Config
	timings *timings
}

func (s *stepPublishOutput) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	exported := stateExported.get(state)
	build := stateBuild.get(state)
	sum := strings.TrimPrefix(exported.checksum, "sha256:") + "  " + s.config.ImageName + "\n"
	manifest, err := s.config.manifest(ctx, state, s.timings)
	if err != nil {
		return halt(state, fmt.Errorf("writing manifest.json: %w", err))
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(exported.staging, "SHA256SUMS"), []byte(sum), 0o644),
		os.WriteFile(filepath.Join(exported.staging, "manifest.json"), manifest, 0o644),
		copyLog(build.file(consoleFile), exported.staging),
		copyLog(build.file(ansibleFile), exported.staging),
	)
	if err != nil {
		return halt(state, fmt.Errorf("output_directory: writing beside the image: %w", err))
	}
	// Looked at again: minutes have passed since the first look.
	if err := s.config.checkOutputDirectory(); err != nil {
		return halt(state, err)
	}
	if err := replaceDirectory(exported.staging, s.config.OutputDirectory); err != nil {
		return halt(state, fmt.Errorf("output_directory: giving the image its name in %s: %w", s.config.OutputDirectory, err))
	}
	return multistep.ActionContinue
}

func (s *stepPublishOutput) Cleanup(multistep.StateBag) {}

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
