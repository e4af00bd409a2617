package libvirt

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"libvirt.org/go/libvirt"
)

var update = flag.Bool("update", false, "rewrite the expected files in testdata")

// testConnection is libvirt's own in-memory hypervisor, private to one test.
func testConnection(t *testing.T) *libvirt.Connect {
	t.Helper()
	node, err := filepath.Abs("testdata/node.xml")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := libvirt.NewConnect("test://" + node)
	if err != nil {
		t.Fatalf("libvirt's client library is needed (apt-get install libvirt0): %v", err)
	}
	t.Cleanup(func() { _, _ = conn.Close() })
	return conn
}

// testState is the state bag of a build whose output the test can read.
func testState(t *testing.T) (multistep.StateBag, *bytes.Buffer) {
	t.Helper()
	output := new(bytes.Buffer)
	state := new(multistep.BasicStateBag)
	state.Put("ui", &packersdk.BasicUi{Reader: strings.NewReader(""), Writer: output, ErrorWriter: output, PB: new(packersdk.NoopProgressTracker)})
	return state, output
}

// testConfig is a prepared configuration with the given attributes over the least that is required.
func testConfig(t *testing.T, attributes map[string]any) (*Config, error) {
	t.Helper()
	raw := map[string]any{
		"packer_build_name": "base", "source_image": "https://images.example/debian.qcow2",
		"source_checksum": "sha256:" + strings.Repeat("0", 64), "cache_directory": "/var/cache/ingot",
		"libvirt_uri": "qemu:///system", "cpus": 2, "machine": "q35", "firmware": "bios",
	}
	for name, value := range attributes {
		raw[name] = value
	}
	c := new(Config)
	_, err := c.Prepare(raw)
	return c, err
}

// golden compares with the file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it)\n--- want\n%s\n--- got\n%s", path, want, got)
	}
}

// cases calls run for every JSON file of a folder of testdata; a case is one file.
func cases(t *testing.T, folder string, run func(t *testing.T, path string)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in testdata/%s: %v", folder, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) { run(t, path) })
	}
}
