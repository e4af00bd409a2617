//go:build e2e

// Package e2e looks at the image that `make image` wrote: the file as it lies there, and what it does when it boots.
package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// output is the directory of the image under test; INGOT_OUTPUT chooses another than the base profile's.
func output(t *testing.T) string {
	t.Helper()
	directory := os.Getenv("INGOT_OUTPUT")
	if directory == "" {
		directory = "../output/base"
	}
	path, err := filepath.Abs(directory)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// manifest is the part of manifest.json that the tests hold against the rest.
type manifest struct {
	BuildID string `json:"build_id"`
	Image   struct {
		File     string `json:"file"`
		Checksum string `json:"checksum"`
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
	Tasks []struct{ Task string } `json:"tasks"`
}

func readManifest(t *testing.T) manifest {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(output(t), "manifest.json"))
	if err != nil {
		t.Fatalf("%v; run make image first", err)
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func imagePath(t *testing.T) string { return filepath.Join(output(t), readManifest(t).Image.File) }

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

func TestFilesBesideTheImage(t *testing.T) {
	m := readManifest(t)
	got := checksum(t, imagePath(t))
	if got != m.Image.Checksum {
		t.Errorf("the image is %s, manifest.json says %s", got, m.Image.Checksum)
	}
	sums, err := os.ReadFile(filepath.Join(output(t), "SHA256SUMS"))
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
	console, err := os.ReadFile(filepath.Join(output(t), "console.log"))
	if err != nil || !bytes.Contains(console, []byte("ingot-seal: done")) {
		t.Errorf("console.log does not say that the image was sealed (%v)", err)
	}
}

// TestImageFormat asks qemu-img for what a reader of the image depends on.
func TestImageFormat(t *testing.T) {
	info, err := exec.Command("qemu-img", "info", "--output=json", imagePath(t)).Output()
	if err != nil {
		t.Fatal(err)
	}
	var image struct {
		Format   string `json:"format"`
		Backing  string `json:"backing-filename"`
		Specific struct {
			Data struct {
				Compression string `json:"compression-type"`
				Corrupt     bool   `json:"corrupt"`
			} `json:"data"`
		} `json:"format-specific"`
	}
	if err := json.Unmarshal(info, &image); err != nil {
		t.Fatal(err)
	}
	if image.Format != "qcow2" || image.Backing != "" || image.Specific.Data.Compression != "zstd" || image.Specific.Data.Corrupt {
		t.Errorf("want one flat, sound, zstd-compressed qcow2: %s", info)
	}
	if check, err := exec.Command("qemu-img", "check", "-q", imagePath(t)).CombinedOutput(); err != nil {
		t.Errorf("qemu-img check: %v: %s", err, check)
	}
}

// TestNothingIsLeftBehind looks for what the build made beside the image. Other builds may be running.
func TestNothingIsLeftBehind(t *testing.T) { leftBehind(t, readManifest(t).BuildID) }

func leftBehind(t *testing.T, buildID string) {
	t.Helper()
	domains, err := exec.Command("virsh", "-q", "-c", "qemu:///system", "list", "--all", "--name").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(domains), buildID) {
		t.Errorf("a domain of build %s is still defined: %s", buildID, domains)
	}
	for _, pattern := range []string{"/var/cache/ingot/builds/" + buildID, filepath.Join(filepath.Dir(output(t)), ".ingot-"+buildID+"*")} {
		if left, _ := filepath.Glob(pattern); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestBoot gives the image an identity that the build never knew, boots it and runs every proof of its profile.
func TestBoot(t *testing.T) {
	m, image := readManifest(t), imagePath(t)
	packer := os.Getenv("PACKER")
	if packer == "" {
		packer = "packer"
	}
	begin := time.Now()
	command := exec.Command(packer, "build", "-color=false", "-var", "image="+image, "-var", "checksum="+m.Image.Checksum,
		"-var", "spec="+m.Profile.Spec, "boot.pkr.hcl")
	log, err := command.CombinedOutput()
	t.Logf("%s\n%s", time.Since(begin).Round(time.Second), log)
	if err != nil {
		t.Fatalf("booting the image: %v", err)
	}
	if got := checksum(t, image); got != m.Image.Checksum {
		t.Errorf("the image has changed: %s, was %s", got, m.Image.Checksum)
	}
	started := regexp.MustCompile(`Started domain ingot-verify-([0-9a-f]{8})`).FindSubmatch(log)
	if started == nil {
		t.Fatal("the log does not name the domain")
	}
	leftBehind(t, string(started[1]))
}
