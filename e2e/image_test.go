//go:build e2e

// Package e2e looks at the images that `make image` wrote and verified: at the files as they lie there, and at what was verified.
package e2e

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// image is one built image: what `make image PROFILE=...` wrote.
type image struct {
	directory string
	path      string // of the qcow2
	manifest  manifest
}

// eachImage runs the test on the images of the profiles in INGOT_PROFILES, or of base.
func eachImage(t *testing.T, test func(*testing.T, image)) {
	t.Helper()
	profiles := strings.Fields(cmp.Or(os.Getenv("INGOT_PROFILES"), "base"))
	for _, profile := range profiles {
		t.Run(profile, func(t *testing.T) { test(t, readImage(t, profile)) })
	}
}

func readImage(t *testing.T, profile string) image {
	t.Helper()
	directory, err := filepath.Abs(filepath.Join("../output", profile))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(directory, "manifest.json"))
	if err != nil {
		t.Fatalf("%v; run make image PROFILE=%s first", err, profile)
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		t.Fatal(err)
	}
	return image{directory: directory, path: filepath.Join(directory, m.Image.File), manifest: m}
}

// manifest is the part of manifest.json that the tests hold against the rest.
type manifest struct {
	BuildID string `json:"build_id"`
	Image   struct {
		File     string `json:"file"`
		Checksum string `json:"checksum"`
		Size     int64  `json:"size_bytes"`
		Digest   string `json:"digest"`
	} `json:"image"`
	Source  struct{ Location, Checksum string } `json:"source"`
	Profile struct {
		Spec  string `json:"spec"`
		Tasks []struct{ Name, SHA256 string }
	} `json:"profile"`
	Tools  map[string]string `json:"tools"`
	Phases []struct {
		Phase   string
		Seconds float64
	} `json:"phases"`
	Tasks []struct {
		Task   string
		Cached bool
	} `json:"tasks"`
}

func checksum(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, f); err != nil {
		t.Fatal(err)
	}
	return "sha256:" + hex.EncodeToString(digest.Sum(nil))
}

func TestFilesBesideTheImage(t *testing.T) { eachImage(t, checkFiles) }

func checkFiles(t *testing.T, i image) {
	m := i.manifest
	got := checksum(t, i.path)
	if got != m.Image.Checksum {
		t.Errorf("the image is %s, manifest.json says %s", got, m.Image.Checksum)
	}
	sums, err := os.ReadFile(filepath.Join(i.directory, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimPrefix(got, "sha256:") + "  " + m.Image.File + "\n"; string(sums) != want {
		t.Errorf("SHA256SUMS is %q, want %q", sums, want)
	}
	if m.Source.Checksum == "" || m.Source.Checksum == "none" || m.Profile.Spec == "" || len(m.Phases) < 5 {
		t.Errorf("manifest.json does not say what went in: %+v", m)
	}
	for _, tool := range []string{"packer", "packer-plugin-ingot", "qemu", "libvirt", "ansible-playbook"} {
		if m.Tools[tool] == "" {
			t.Errorf("manifest.json does not name the version of %s", tool)
		}
	}
	if len(m.Tasks) != len(m.Profile.Tasks) || len(m.Tasks) == 0 || m.Tasks[len(m.Tasks)-1].Task != "harden" {
		t.Errorf("manifest.json: applied %v, the profile selects %v", m.Tasks, m.Profile.Tasks)
	}
	console, err := os.ReadFile(filepath.Join(i.directory, "console.log"))
	if err != nil || !bytes.Contains(console, []byte("ingot-seal: done")) {
		t.Errorf("console.log does not say that the image was sealed (%v)", err)
	}
}

// TestImageFormat asks qemu-img for what a reader of the image depends on.
func TestImageFormat(t *testing.T) { eachImage(t, checkFormat) }

func checkFormat(t *testing.T, i image) {
	info, err := exec.Command("qemu-img", "info", "--output=json", i.path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var header struct {
		Format   string `json:"format"`
		Backing  string `json:"backing-filename"`
		Specific struct {
			Data struct {
				Compression string `json:"compression-type"`
				Corrupt     bool   `json:"corrupt"`
			} `json:"data"`
		} `json:"format-specific"`
	}
	if err := json.Unmarshal(info, &header); err != nil {
		t.Fatal(err)
	}
	if header.Format != "qcow2" || header.Backing != "" || header.Specific.Data.Compression != "zstd" || header.Specific.Data.Corrupt {
		t.Errorf("want one flat, sound, zstd-compressed qcow2: %s", info)
	}
	if check, err := exec.Command("qemu-img", "check", "-q", i.path).CombinedOutput(); err != nil {
		t.Errorf("qemu-img check: %v: %s", err, check)
	}
}

// TestNothingIsLeftBehind looks for what the build made beside the image. Other builds may be running.
func TestNothingIsLeftBehind(t *testing.T) {
	eachImage(t, func(t *testing.T, i image) { leftBehind(t, i, i.manifest.BuildID) })
}

func leftBehind(t *testing.T, i image, buildID string) {
	t.Helper()
	domains, err := exec.Command("virsh", "-q", "-c", "qemu:///system", "list", "--all", "--name").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(domains), buildID) {
		t.Errorf("a domain of build %s is still defined: %s", buildID, domains)
	}
	for _, pattern := range []string{"/var/cache/ingot/builds/" + buildID, filepath.Join(filepath.Dir(i.directory), ".ingot-"+buildID+"*")} {
		if left, _ := filepath.Glob(pattern); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}
