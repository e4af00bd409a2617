package libvirt

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// TestPrerequisitesAllAtOnce lacks three things and is told all three.
func TestPrerequisitesAllAtOnce(t *testing.T) {
	top := t.TempDir()
	write(t, filepath.Join(top, "output", "holiday.jpg"), "mine")
	c, err := testConfig(t, map[string]any{
		"output_directory": filepath.Join(top, "output"), "cache_directory": filepath.Join(top, "cache"),
		"required_commands": []string{"ansible-playbuk"}, "packer_force": true,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.LibvirtURI = "test:///no/such/node.xml"
	state, _ := testState(t)
	if action := (&stepCheckPrerequisites{config: c}).Run(context.Background(), state); action != multistep.ActionHalt {
		t.Fatal("went on")
	}
	for _, want := range []string{
		"ansible-playbuk: not found on PATH",
		`holds "holiday.jpg", which Ingot did not make`,
		"libvirt_uri: connecting to test:///no/such/node.xml: ",
	} {
		if got := errorOf(state).Error(); !strings.Contains(got, want) {
			t.Errorf("want %q in:\n%s", want, got)
		}
	}
}

func TestOutputThatIsThere(t *testing.T) {
	output := filepath.Join(t.TempDir(), "base")
	write(t, filepath.Join(output, "ingot-base.qcow2"), "the last image")
	for force, want := range map[bool]string{false: "run packer build -force to replace it", true: ""} {
		c, err := testConfig(t, map[string]any{"output_directory": output, "packer_force": force})
		if err != nil {
			t.Fatal(err)
		}
		err = c.checkOutputDirectory()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("force %v: want %q, got %v", force, want, err)
		}
	}
}

func TestCacheThatQEMUCannotEnter(t *testing.T) {
	closed := filepath.Join(t.TempDir(), "closed")
	write(t, filepath.Join(closed, "cache", "x"), "")
	chmod(t, closed, 0o700)
	err := checkPassable(filepath.Join(closed, "cache"))
	if err == nil || !strings.Contains(err.Error(), "cannot enter "+closed+"; run: chmod o+x "+closed) {
		t.Errorf("got %v", err)
	}
}

func TestNetworks(t *testing.T) {
	conn := testConnection(t)
	for name, want := range map[string]string{
		"default": `looking for the libvirt network "default"`,
		"asleep":  "",
	} {
		c := &Config{NetworkType: "network", NetworkName: name}
		err := c.checkNetwork(conn)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", name, want, err)
		}
	}
	if err := (&Config{NetworkType: "bridge", NetworkName: "no-such-br"}).checkNetwork(conn); err == nil {
		t.Error("a bridge that is not there was accepted")
	}
}
