package libvirt

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

func TestGuestURLs(t *testing.T) {
	files := []pinnedFile{{Name: "fzf", URL: "https://example.org/v1/fzf-1.0%2Bb.tar.gz?x=1", Checksum: "sha256:aa"}}
	got, err := guestURLs(files)
	if want := `{"sha256:aa":"file:///run/ingot-artifacts/fzf/fzf-1.0+b.tar.gz"}`; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if got, err := guestURLs(nil); err != nil || got != "{}" {
		t.Errorf("without artifacts: %s, %v", got, err)
	}
}

// TestStepFetchArtifacts goes from the template's attribute to the disk, beside a source image that fails.
func TestStepFetchArtifacts(t *testing.T) {
	content := contentOf("fzf")
	p := publish(t, map[string][]byte{"/fzf.bin": content})
	c := pins(t, t.TempDir(),
		pinnedFile{Name: "fzf", URL: "https://upstream.example/fzf.bin", Checksum: sumOf(content)},
		pinnedFile{Name: "gone", URL: "https://upstream.example/gone.bin", Checksum: sumOf(nil)})
	c.Mirrors = map[string]string{"upstream.example": p.URL, "images.example": p.URL}
	state, output := testState(t)
	build := newBuild(t, c.CacheDirectory)
	stateBuild.put(state, build)
	fetch := &stepFetchArtifacts{config: c}
	fetch.Run(t.Context(), state)
	(&stepFetchSource{config: c}).Run(t.Context(), state)
	failed := errorOf(state)
	for _, want := range []string{"source_image: https://images.example/debian.qcow2 (from " + p.URL, "artifacts: gone: https://upstream.example/gone.bin (from " + p.URL} {
		if failed == nil || !strings.Contains(failed.Error(), want) {
			t.Errorf("want %q in %v", want, failed)
		}
	}
	for _, want := range []string{"Artifacts: fzf 1.0, gone 1.0\n", fmt.Sprintf("Downloading from mirrors: images.example is %s, upstream.example is %s\n", p.URL, p.URL)} {
		if !strings.Contains(output.String(), want) {
			t.Errorf("want %q in %s", want, output)
		}
	}
	p.files["/gone.bin"] = nil
	disk := &stepWriteArtifacts{config: c, again: true}
	if disk.Run(t.Context(), state); !exists(build.file(artifactsFile)) || exists(build.file(artifactsFiles)) {
		t.Errorf("want the disk and not the folder: %v", errorOf(state))
	}
	if files := stateArtifacts.get(state); files[0].size != int64(len(content)) || files[1].size != 0 {
		t.Errorf("sizes: %+v", files)
	}
	listed, err := json.Marshal(c.manifestArtifacts(stateArtifacts.get(state)))
	if want := fmt.Sprintf(`[{"name":"fzf","version":"1.0","url":"https://upstream.example/fzf.bin","mirror":"%s/fzf.bin","checksum":%q,"size_bytes":%d},`,
		p.URL, sumOf(content), len(content)); err != nil || !strings.HasPrefix(string(listed), want) {
		t.Errorf("the manifest has %s, want %s", listed, want)
	}
	if c.knownSize() != int64(len(content)) {
		t.Errorf("the next build counts on %d bytes", c.knownSize())
	}
	if urls := generated(state)["IngotArtifacts"]; !strings.Contains(urls.(string), "/fzf/fzf.bin") {
		t.Errorf("the provisioners get %v", urls)
	}
	fetch.Cleanup(state)
}

func TestStepMountArtifacts(t *testing.T) {
	for status, want := range map[int]string{0: "", 32: "artifacts: mounting their disk in the guest: "} {
		state, _ := testState(t)
		guest := &packersdk.MockCommunicator{StartExitStatus: status, StartStderr: "no such device"}
		state.Put("communicator", guest)
		(&stepMountArtifacts{}).Run(t.Context(), state)
		err := errorOf(state)
		if got := fmt.Sprint(err); want == "" && err != nil || !strings.HasPrefix(got, want) || want != "" && !strings.HasSuffix(got, "no such device") {
			t.Errorf("status %d: got %v, want %q", status, err, want)
		}
		if command := guest.StartCmd.Command; !strings.Contains(command, "-o ro,nosuid,nodev /dev/disk/by-id/virtio-ingot-artifacts /run/ingot-artifacts;") {
			t.Errorf("ran %s", command)
		}
	}
}
