package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// record is the file that says that an image has passed. Its name is a digest of the image and of all that decides what it is held
// against; where any of that changes, the image is looked at anew.
type record struct{ path string }

// recordAge is how long a record is kept that nobody asks for.
const recordAge = 90 * 24 * time.Hour

func (c *Config) record(i image) (record, error) {
	key := sha256.New()
	put := json.NewEncoder(key).Encode
	errs := []error{
		put(reportVersion), put(i.checksum), put(i.manifest.BuildID), put(c.Tasks), put(c.Variables), put(c.Declared), put(os.Geteuid() == 0),
	}
	program, err := os.Executable() // the audit is a part of it
	if err == nil {
		err = errors.Join(err, c.addFile(put, program, ""))
	}
	errs = append(errs, err)
	for _, name := range proofPlaces {
		errs = append(errs, c.addFiles(put, name))
	}
	if err := errors.Join(errs...); err != nil {
		return record{}, fmt.Errorf("ingot-verify: working out whether the image has passed before: %w", err)
	}
	return record{filepath.Join(c.CacheDirectory, "verified", hex.EncodeToString(key.Sum(nil))+".json")}, nil
}

// proofPlaces are all places in ansible_directory that a proof can read.
var proofPlaces = []string{playbook, "prove.yaml", "ansible.cfg", "defaults", "verify", "files", "templates", "vars"}

func (c *Config) addFiles(put func(any) error, name string) error {
	return filepath.WalkDir(filepath.Join(c.AnsibleDirectory, name), func(path string, entry os.DirEntry, err error) error {
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil
		case err != nil || entry.IsDir():
			return err
		}
		return c.addFile(put, path, strings.TrimPrefix(path, c.AnsibleDirectory))
	})
}

func (c *Config) addFile(put func(any) error, path, name string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	return errors.Join(put(name), put(sum[:]))
}

// read returns the report of the verification that the image has passed.
func (r record) read() (report, bool) {
	var found report
	content, err := os.ReadFile(r.path)
	if err != nil || json.Unmarshal(content, &found) != nil || found.Version != reportVersion || !found.Passed {
		return report{}, false
	}
	now := time.Now()
	_ = os.Chtimes(r.path, now, now) // it is in use
	return found, true
}

// keep writes the record, and removes those that nobody has asked for in a long time.
func (r record) keep(passed report) error {
	directory := filepath.Dir(r.path)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return fmt.Errorf("cache_directory: keeping what passed: %w", err)
	}
	old, _ := filepath.Glob(filepath.Join(directory, "*.json"))
	for _, path := range old {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > recordAge {
			_ = os.Remove(path)
		}
	}
	content, err := passed.json()
	if err == nil {
		err = writeFile(r.path, content)
	}
	if err != nil {
		return fmt.Errorf("cache_directory: keeping what passed: %w", err)
	}
	return nil
}

// writeFile gives the file its name when it is complete. One that is the same already stays as it is.
func writeFile(path string, content []byte) error {
	if before, err := os.ReadFile(path); err == nil && string(before) == string(content) {
		return nil
	}
	partial := path + ".partial"
	return errors.Join(os.WriteFile(partial, content, 0o644), os.Rename(partial, path))
}
