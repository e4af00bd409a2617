package libvirt

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// TestBadInput holds the exact wording of every complaint: one file of attributes, one of messages.
func TestBadInput(t *testing.T) {
	cases(t, "config", func(t *testing.T, path string) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var attributes map[string]any
		if err := json.Unmarshal(content, &attributes); err != nil {
			t.Fatal(err)
		}
		_, err = testConfig(t, attributes)
		if err == nil {
			t.Fatal("accepted")
		}
		golden(t, strings.TrimSuffix(path, ".json")+".want", err.Error()+"\n")
	})
}

func TestDefaults(t *testing.T) {
	c, err := testConfig(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]any{
		"output_directory": {c.OutputDirectory, "output/base"}, "image_name": {c.ImageName, "ingot-base.qcow2"},
		"compression": {c.Compression, "zstd"}, "memory": {c.Memory, 2048}, "disk_size": {c.DiskSize, 10240}, "root_size": {c.RootSize, 10240},
		"accelerator": {c.Accelerator, "auto"}, "network_type": {c.NetworkType, "user"},
		"ssh_username": {c.Comm.SSHUsername, "builder"}, "ssh_timeout": {c.Comm.SSHTimeout, 10 * time.Minute},
		"shutdown_timeout": {c.ShutdownTimeout, 5 * time.Minute},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestPlaceholders accepts what plain `packer validate` gives for values of data sources.
func TestPlaceholders(t *testing.T) {
	_, err := testConfig(t, map[string]any{"source_image": placeholder, "source_checksum": placeholder, "manifest": placeholder,
		"artifacts": placeholder, "mirrors": map[string]string{"github.com": placeholder}})
	if err != nil {
		t.Error(err)
	}
}

func TestWrittenOutNoneWarns(t *testing.T) {
	c := new(Config)
	warnings, err := c.Prepare(map[string]any{"packer_build_name": "base", "source_image": "https://images.example/x.qcow2", "source_checksum": "none"})
	if err != nil || len(warnings) != 1 {
		t.Errorf("want one warning, got %q and error %v", warnings, err)
	}
}

func TestCacheDirectory(t *testing.T) {
	t.Setenv("PACKER_CACHE_DIR", "/data/packer")
	if got := defaultCacheDirectory(0); got != "/data/packer/ingot" {
		t.Errorf("with PACKER_CACHE_DIR: %s", got)
	}
	t.Setenv("PACKER_CACHE_DIR", "")
	t.Setenv("XDG_CACHE_HOME", "/home/me/.cache")
	if got := defaultCacheDirectory(1000); got != "/home/me/.cache/ingot" {
		t.Errorf("for a user: %s", got)
	}
	if got := defaultCacheDirectory(0); got != "/var/cache/ingot" {
		t.Errorf("for root: %s", got)
	}
}
