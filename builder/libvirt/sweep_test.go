package libvirt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"
)

// define makes a domain on the in-memory host, with a build's mark when there is a build.
func define(t *testing.T, conn *libvirt.Connect, name string, build *buildID, run bool) *libvirt.Domain {
	t.Helper()
	definition := libvirtxml.Domain{
		Type: "test", Name: name, Memory: &libvirtxml.DomainMemory{Value: 64, Unit: "MiB"},
		OS: &libvirtxml.DomainOS{Type: &libvirtxml.DomainOSType{Type: "hvm"}},
	}
	if build != nil {
		mark, err := build.mark()
		if err != nil {
			t.Fatal(err)
		}
		definition.Metadata = &libvirtxml.DomainMetadata{XML: mark}
	}
	text, err := definition.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	domain, err := conn.DomainDefineXML(text)
	if err != nil {
		t.Fatal(err)
	}
	if run {
		if err := domain.Create(); err != nil {
			t.Fatal(err)
		}
	}
	return domain
}

func TestRemoveDomainFromAnyState(t *testing.T) {
	for name, run := range map[string]bool{"defined": false, "running": true} {
		t.Run(name, func(t *testing.T) {
			conn := testConnection(t)
			domain := define(t, conn, "vm", nil, run)
			defer domain.Free()
			if err := removeDomain(domain); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.LookupDomainByName("vm"); !errors.Is(err, libvirt.ERR_NO_DOMAIN) {
				t.Errorf("still there: %v", err)
			}
			if err := removeDomain(domain); err != nil {
				t.Errorf("removing it again: %v", err)
			}
		})
	}
}

// TestSweep removes what dead builds left, and nothing else.
func TestSweep(t *testing.T) {
	conn, cache := testConnection(t), t.TempDir()
	alive, dead, kept := newBuild(t, cache), newBuild(t, cache), newBuild(t, cache)
	staging := filepath.Join(t.TempDir(), ".ingot-"+dead.id.ID+".partial")
	write(t, filepath.Join(staging, "ingot.qcow2"), "half an image")
	write(t, dead.file(stagingNote), staging)
	if err := dead.lock.Close(); err != nil {
		t.Fatal(err)
	}
	if err := kept.keep(); err != nil {
		t.Fatal(err)
	}
	defer define(t, conn, "stranger", nil, true).Free()
	defer define(t, conn, alive.id.domainName(), &alive.id, true).Free()
	defer define(t, conn, dead.id.domainName(), &dead.id, true).Free()
	defer define(t, conn, kept.id.domainName(), &kept.id, false).Free()
	defer define(t, conn, "copy-of-dead", &dead.id, true).Free()
	elsewhere := buildID{ID: "01234567", Source: "base", Directory: filepath.Join(t.TempDir(), "builds", "01234567")}
	defer define(t, conn, elsewhere.domainName(), &elsewhere, true).Free() // another cache's: its directory may be out of sight
	write(t, filepath.Join(buildsDirectory(cache), "my-own-folder", "thesis.txt"), "mine")
	write(t, filepath.Join(buildsDirectory(cache), "89abcdef", "thesis.txt"), "mine, in spite of its name")

	if _, err := sweep(context.Background(), conn, cache, false); err != nil {
		t.Fatal(err)
	}
	present(t, conn, map[string]bool{
		"stranger": true, "copy-of-dead": true, elsewhere.domainName(): true,
		alive.id.domainName(): true, dead.id.domainName(): false, kept.id.domainName(): true,
	})
	for path, want := range map[string]bool{
		alive.path: true, dead.path: false, kept.path: true, staging: false,
		filepath.Join(buildsDirectory(cache), "my-own-folder", "thesis.txt"): true,
		filepath.Join(buildsDirectory(cache), "89abcdef", "thesis.txt"):      true,
	} {
		if exists(path) != want {
			t.Errorf("%s: exists %v, want %v", path, exists(path), want)
		}
	}
	if _, err := sweep(context.Background(), conn, cache, true); err != nil {
		t.Fatal(err)
	}
	present(t, conn, map[string]bool{"stranger": true, alive.id.domainName(): true, kept.id.domainName(): false})
}

// TestSweepStaysInside ignores a note that would have it remove something else.
func TestSweepStaysInside(t *testing.T) {
	conn, cache, precious := testConnection(t), t.TempDir(), t.TempDir()
	dead := newBuild(t, cache)
	write(t, dead.file(stagingNote), precious)
	if err := dead.lock.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sweep(context.Background(), conn, cache, false); err != nil {
		t.Fatal(err)
	}
	if !exists(precious) {
		t.Error("a directory that is not a build's was removed")
	}
}

func newBuild(t *testing.T, cache string) *buildDirectory {
	t.Helper()
	build, err := createBuildDirectory(context.Background(), cache, "base")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = build.lock.Close() })
	return build
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func present(t *testing.T, conn *libvirt.Connect, want map[string]bool) {
	t.Helper()
	for name, there := range want {
		domain, err := conn.LookupDomainByName(name)
		if (err == nil) != there {
			t.Errorf("domain %s: there %v, want %v", name, err == nil, there)
		}
		if err == nil {
			_ = domain.Free()
		}
	}
}
