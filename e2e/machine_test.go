//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"
)

// bootLimit is for a guest without KVM on a busy host.
const bootLimit = 5 * time.Minute

// machine is a virtual machine that somebody made of an image: its disk is an overlay, cloud-init gives it a user.
type machine struct {
	t       *testing.T
	dir     string // with disk.qcow2, seed.img, key, console.log
	domain  *libvirt.Domain
	sshPort int
}

// userData makes one user with the key, and what the test adds.
const userData = `#cloud-config
users: [{name: somebody, sudo: "ALL=(ALL) NOPASSWD:ALL", shell: /bin/bash, ssh_authorized_keys: ["%s"]}]
%s
`

// newMachine makes a machine of the image and starts it. cloudConfig is added to its user-data; disks are further qcow2 files by serial.
func newMachine(t *testing.T, i image, cloudConfig string, disks map[string]string) *machine {
	t.Helper()
	dir := t.TempDir()
	for above := dir; above != filepath.Dir(above) && above != os.TempDir(); above = filepath.Dir(above) {
		if err := os.Chmod(above, 0o755); err != nil { // the user that runs QEMU enters it
			t.Fatal(err)
		}
	}
	m := &machine{t: t, dir: dir, sshPort: freePort(t)}
	run(t, "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", i.path, m.file("disk.qcow2"))
	run(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", m.file("key"))
	m.writeSeed(cloudConfig)
	m.define(disks)
	m.start()
	return m
}

func (m *machine) file(name string) string { return filepath.Join(m.dir, name) }

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// writeSeed makes a NoCloud disk: a FAT file system with the label CIDATA.
// https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html
func (m *machine) writeSeed(cloudConfig string) {
	content := fmt.Sprintf(userData, strings.TrimSpace(read(m.t, m.file("key.pub"))), cloudConfig)
	for name, text := range map[string]string{"user-data": content, "meta-data": "instance-id: one\nlocal-hostname: somewhere\n"} {
		if err := os.WriteFile(m.file(name), []byte(text), 0o644); err != nil {
			m.t.Fatal(err)
		}
	}
	run(m.t, "truncate", "--size=1M", m.file("seed.img"))
	run(m.t, "mkfs.vfat", "-n", "CIDATA", m.file("seed.img"))
	run(m.t, "mcopy", "-i", m.file("seed.img"), m.file("user-data"), m.file("meta-data"), "::")
}

func (m *machine) define(disks map[string]string) {
	m.t.Helper()
	device := func(target, format, path, serial string) libvirtxml.DomainDisk {
		return libvirtxml.DomainDisk{
			Device: "disk", Driver: &libvirtxml.DomainDiskDriver{Name: "qemu", Type: format}, Serial: serial,
			Source: &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: path}},
			Target: &libvirtxml.DomainDiskTarget{Dev: target, Bus: "virtio"},
		}
	}
	devices := &libvirtxml.DomainDeviceList{
		Disks: []libvirtxml.DomainDisk{device("vda", "qcow2", m.file("disk.qcow2"), ""), device("vdb", "raw", m.file("seed.img"), "")},
		Serials: []libvirtxml.DomainSerial{{Source: &libvirtxml.DomainChardevSource{
			File: &libvirtxml.DomainChardevSourceFile{Path: m.file("console.log"), Append: "on"},
		}}},
	}
	for serial, path := range disks {
		devices.Disks = append(devices.Disks, device(fmt.Sprintf("vd%c", 'a'+len(devices.Disks)), "qcow2", path, serial))
	}
	domain := libvirtxml.Domain{
		Type: "qemu", Name: fmt.Sprintf("ingot-e2e-%d-%d", os.Getpid(), m.sshPort),
		Memory: &libvirtxml.DomainMemory{Value: 1024, Unit: "MiB"}, VCPU: &libvirtxml.DomainVCPU{Value: 2},
		OS:       &libvirtxml.DomainOS{Type: &libvirtxml.DomainOSType{Arch: "x86_64", Machine: "q35", Type: "hvm"}},
		CPU:      &libvirtxml.DomainCPU{Mode: "maximum", Features: []libvirtxml.DomainCPUFeature{{Name: "cx16", Policy: "disable"}}},
		Features: &libvirtxml.DomainFeatureList{ACPI: &libvirtxml.DomainFeature{}}, Devices: devices, OnReboot: "restart",
		QEMUCommandline: &libvirtxml.DomainQEMUCommandline{Args: []libvirtxml.DomainQEMUCommandlineArg{
			{Value: "-netdev"}, {Value: fmt.Sprintf("user,id=net,hostfwd=tcp:127.0.0.1:%d-:22", m.sshPort)},
			{Value: "-device"}, {Value: "virtio-net-pci,netdev=net,addr=0x10"},
		}},
	}
	text, err := domain.Marshal()
	if err != nil {
		m.t.Fatal(err)
	}
	connection, err := libvirt.NewConnect("qemu:///system")
	if err != nil {
		m.t.Fatal(err)
	}
	if m.domain, err = connection.DomainDefineXML(text); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		_ = m.domain.Destroy()
		if err := m.domain.Undefine(); err != nil {
			m.t.Error(err)
		}
		_, _ = connection.Close()
	})
}

func (m *machine) start() {
	m.t.Helper()
	if err := m.domain.Create(); err != nil {
		m.t.Fatal(err)
	}
}

// kill is what a power cut does.
func (m *machine) kill() {
	m.t.Helper()
	if err := m.domain.Destroy(); err != nil {
		m.t.Fatal(err)
	}
}

// ssh runs a command in the guest as its user, once a login is possible.
func (m *machine) ssh(command string) string {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), bootLimit)
	defer cancel()
	for {
		cmd := exec.CommandContext(ctx, "ssh", "-i", m.file("key"), "-p", fmt.Sprint(m.sshPort), "-o", "StrictHostKeyChecking=accept-new",
			"-o", "UserKnownHostsFile="+m.file("known_hosts"), "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "LogLevel=ERROR",
			"somebody@127.0.0.1", command)
		output, err := cmd.CombinedOutput()
		switch {
		case err == nil:
			return strings.TrimSpace(string(output))
		case cmd.ProcessState != nil && cmd.ProcessState.ExitCode() != 255: // 255 is ssh's own
			m.t.Fatalf("%s: %v: %s", command, err, output)
		case strings.Contains(string(output), "IDENTIFICATION HAS CHANGED"):
			m.t.Fatalf("the machine has another host key than before: %s", output)
		case ctx.Err() != nil:
			m.t.Fatalf("no login within %s: %s\n%s", bootLimit, output, tail(read(m.t, m.file("console.log"))))
		}
		time.Sleep(time.Second)
	}
}

// waitConsole waits until the console says text for the nth time.
func (m *machine) waitConsole(text string, n int) {
	m.t.Helper()
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		said := read(m.t, m.file("console.log"))
		if strings.Count(said, text) >= n {
			return
		}
		if time.Since(begin) > bootLimit {
			m.t.Fatalf("the console did not say %q %d times within %s:\n%s", text, n, bootLimit, tail(said))
		}
	}
}

func tail(text string) string { return text[max(0, len(text)-4000):] }
