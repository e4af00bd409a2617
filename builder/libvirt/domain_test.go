package libvirt

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"libvirt.org/go/libvirtxml"
)

// domainCase is a template's attributes and what the steps before `define` found out.
type domainCase struct {
	KVM         bool           `json:"kvm"`
	QEMUVersion uint32         `json:"qemu_version"`
	Attributes  map[string]any `json:"attributes"`
}

func TestDomain(t *testing.T) {
	cases(t, "domain", func(t *testing.T, path string) {
		golden(t, strings.TrimSuffix(path, ".json")+".xml", renderCase(t, path)+"\n")
	})
}

// TestDomainIsAccepted lets libvirt itself parse what is generated.
func TestDomainIsAccepted(t *testing.T) {
	cases(t, "domain", func(t *testing.T, path string) {
		var definition libvirtxml.Domain
		if err := definition.Unmarshal(renderCase(t, path)); err != nil {
			t.Fatal(err)
		}
		definition.Type, definition.QEMUCommandline = "test", nil // what only the QEMU driver knows
		text, err := definition.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		domain, err := testConnection(t).DomainDefineXML(text)
		if err != nil {
			t.Fatal(err)
		}
		defer domain.Free()
		if build, ours := buildOf(domain); !ours || build.ID != "0123abcd" {
			t.Errorf("the build's mark does not survive libvirt: %+v", build)
		}
		if name, _ := domain.GetName(); !build0(name) {
			t.Errorf("the build would not know its domain %q again", name)
		}
	})
}

func renderCase(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var given domainCase
	if err := json.Unmarshal(content, &given); err != nil {
		t.Fatal(err)
	}
	config, err := testConfig(t, given.Attributes)
	if err != nil {
		t.Fatal(err)
	}
	build := buildID{ID: "0123abcd", Source: "base", Directory: "/var/cache/ingot/builds/0123abcd"}
	machine := guest{
		config: config, build: build, sshPort: 22022,
		accelerator: accelerator{kvm: given.KVM, qemuVersion: given.QEMUVersion},
		disk:        build.Directory + "/disk.qcow2", seed: build.Directory + "/seed.iso", console: build.Directory + "/console.log",
	}
	if config.hasArtifacts() {
		machine.artifacts = build.Directory + "/artifacts.iso"
	}
	definition, err := machine.domain()
	if err != nil {
		t.Fatal(err)
	}
	text, err := definition.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func build0(name string) bool { return buildID{ID: "0123abcd", Source: "base"}.names(name) }
