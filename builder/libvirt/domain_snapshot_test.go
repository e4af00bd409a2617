package libvirt

import (
	"testing"

	"libvirt.org/go/libvirtxml"
)

// TestSnapshotIsOfTheRootDisk leaves seed, artifacts and a disk of the user's own alone.
func TestSnapshotIsOfTheRootDisk(t *testing.T) {
	c, err := testConfig(t, map[string]any{"domain_xml": `<domain><devices><disk type="file" device="disk"><source file="/data.raw"/><target dev="vdz" bus="virtio"/></disk></devices></domain>`})
	if err != nil {
		t.Fatal(err)
	}
	definition, err := guest{config: c, build: buildID{ID: "0123abcd", Source: "base"}, disk: "/disk.qcow2", seed: "/seed.iso", artifacts: "/artifacts.iso", console: "/console.log"}.domain()
	if err != nil {
		t.Fatal(err)
	}
	text, err := definition.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := snapshotXML(text, "/cache/layers/next.qcow2")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/snapshot.xml", got+"\n")
}

func TestRootDisk(t *testing.T) {
	conn := testConnection(t)
	definition := libvirtxml.Domain{
		Type: "test", Name: "vm", Memory: &libvirtxml.DomainMemory{Value: 64, Unit: "MiB"},
		OS:      &libvirtxml.DomainOS{Type: &libvirtxml.DomainOSType{Type: "hvm"}},
		Devices: &libvirtxml.DomainDeviceList{Disks: []libvirtxml.DomainDisk{virtioDisk("vdb", "raw", "/seed.iso"), virtioDisk("vda", "qcow2", "/layers/top.qcow2")}},
	}
	text, err := definition.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	domain, err := conn.DomainDefineXML(text)
	if err != nil {
		t.Fatal(err)
	}
	defer domain.Free()
	if disk, err := rootDisk(domain); err != nil || disk != "/layers/top.qcow2" {
		t.Errorf("got %q, %v", disk, err)
	}
	without := define(t, conn, "without", nil, false)
	defer without.Free()
	if disk, err := rootDisk(without); err == nil || disk != "" {
		t.Errorf("a domain without disks: got %q, %v", disk, err)
	}
}
