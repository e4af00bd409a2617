package libvirt

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/diskfs/go-diskfs/backend/file"
	"github.com/diskfs/go-diskfs/filesystem/iso9660"
	"golang.org/x/crypto/ssh"
	"gopkg.in/yaml.v3"
)

// TestSeed reads back what a guest would read.
func TestSeed(t *testing.T) {
	c, err := testConfig(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	files, err := c.seedFiles(buildID{ID: "0123abcd"}, keys)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "seed.iso")
	for range 2 { // again over the first, as a retried step does
		if err := writeSeed(t.Context(), path, files); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the seed holds a private key, so only its owner may read it: %v, %v", info.Mode(), err)
	}
	volume := openISO(t, path)
	if label := strings.Trim(volume.Label(), " \x00"); label != "cidata" {
		t.Errorf("label %q, want cidata", label)
	}
	var meta metaData
	decode(t, volume, "/meta-data", &meta)
	if meta.InstanceID != "ingot-0123abcd" || meta.LocalHostname != "ingot-build" {
		t.Errorf("meta-data: %+v", meta)
	}
	var user userData
	text := decode(t, volume, "/user-data", &user)
	if !strings.HasPrefix(text, "#cloud-config\n") {
		t.Error("user-data does not say that it is cloud-config")
	}
	if strings.Contains(text, strings.Split(keys.user.private, "\n")[3]) {
		t.Error("user-data has the user's private key")
	}
	if len(user.Users) != 1 || user.Users[0].Name != "builder" || user.Users[0].SSHAuthorizedKeys[0] != keys.user.public || !user.Users[0].LockPassword {
		t.Errorf("user-data: %+v", user.Users)
	}
	signer, err := ssh.ParsePrivateKey([]byte(user.SSHKeys["ed25519_private"]))
	if err != nil || string(signer.PublicKey().Marshal()) != string(keys.host.parsed.Marshal()) {
		t.Errorf("user-data does not carry the host key: %v", err)
	}
}

func openISO(t *testing.T, path string) *iso9660.FileSystem {
	t.Helper()
	storage, err := file.OpenFromPath(path, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = storage.Close() })
	volume, err := iso9660.Read(storage, 0, 0, isoBlock)
	if err != nil {
		t.Fatal(err)
	}
	return volume
}

func decode(t *testing.T, volume *iso9660.FileSystem, name string, into any) string {
	t.Helper()
	f, err := volume.OpenFile(name, os.O_RDONLY)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatal(err)
	}
	return string(content)
}
