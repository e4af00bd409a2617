package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// unknown is what a value of a data source reads as under plain `packer validate`.
const unknown = "<unknown>"

func (c *Config) setDefaults() {
	setDefault(&c.Variables, "{}")
	setDefault(&c.Declared, "{}")
	setDefault(&c.Accelerator, "auto")
	setDefault(&c.CacheDirectory, defaultCacheDirectory(os.Geteuid()))
	setDefault(&c.CPUs, min(runtime.NumCPU(), 4))
	setDefault(&c.Memory, 2048)
	setDefault(&c.BootTimeout, 10*time.Minute)
	setDefault(&c.ProofTimeout, 30*time.Minute)
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// defaultCacheDirectory is that of the builder: root's is outside of /root, which the user that runs QEMU cannot enter.
func defaultCacheDirectory(uid int) string {
	if directory := os.Getenv("PACKER_CACHE_DIR"); directory != "" {
		return filepath.Join(directory, "ingot")
	}
	if uid == 0 {
		return "/var/cache/ingot"
	}
	directory, err := os.UserCacheDir()
	if err != nil { // no HOME: a relative directory still works
		directory = ".cache"
	}
	return filepath.Join(directory, "ingot")
}

// validate reports all problems at once, each beginning with the attribute. What builder and provisioner get is theirs to check, in
// words that name the same attributes.
func (c *Config) validate() error {
	return errors.Join(
		c.validateAnsible(),
		isObject("variables", c.Variables), c.validateDeclared(),
		isPositive("boot_timeout", c.BootTimeout), isPositive("proof_timeout", c.ProofTimeout),
	)
}

func (c *Config) validateAnsible() error {
	switch c.AnsibleDirectory {
	case "":
		return errors.New("ansible_directory: is required; name the folder that holds verify.yaml and verify/")
	case unknown:
		return nil
	}
	if _, err := os.Stat(filepath.Join(c.AnsibleDirectory, playbook)); err != nil {
		return fmt.Errorf("ansible_directory: must hold %s, got %q: %w", playbook, c.AnsibleDirectory, err)
	}
	return nil
}

// checkTasks comes when they are known: under plain `packer validate` the list of a data source is empty.
func (c *Config) checkTasks() error {
	if len(c.Tasks) == 0 {
		return errors.New("tasks: are required, since their proofs are what is run; usually data.ingot-profile.<name>.tasks")
	}
	return nil
}

func (c *Config) validateDeclared() error {
	if c.Declared == unknown {
		return nil
	}
	_, err := newExpectations(c.Declared, c.Tasks, "")
	return err
}

func isObject(attribute, text string) error {
	var object map[string]json.RawMessage
	if text == unknown {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return fmt.Errorf("%s: must be a JSON object, as data \"ingot-profile\" gives it; use jsonencode({...})", attribute)
	}
	return nil
}

func isPositive(attribute string, given time.Duration) error {
	if given <= 0 {
		return fmt.Errorf("%s: must be longer than 0s, got %s", attribute, given)
	}
	return nil
}
