package libvirt

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/packer-plugin-sdk/packer/registry/image"
)

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestCloudInitResult(t *testing.T) {
	result, err := parseCloudInit(`{"v1": {"datasource": "x", "errors": ["no disk"], "recoverable_errors": {"WARNING": ["old key"], "DEPRECATED": ["old name"]}}}`)
	if err != nil || strings.Join(result.errors, ",") != "no disk" || strings.Join(result.warnings, ",") != "DEPRECATED: old name,WARNING: old key" {
		t.Errorf("got %+v, %v", result, err)
	}
	if _, err := parseCloudInit("cat: no such file"); err == nil {
		t.Error("text that is no JSON was accepted")
	}
}

func TestTimingsTable(t *testing.T) {
	times := &timings{started: time.Now().Add(-10 * time.Second)}
	times.add("boot", 4*time.Second)
	times.add("provision", 3*time.Second)
	times.add("boot", time.Second)
	table := times.render([]taskTime{{Task: "packages", Seconds: 2.5}})
	text := strings.Join(strings.Fields(strings.ReplaceAll(table, "│", "")), " ")
	for _, want := range []string{"boot 5.0 50", "task packages 2.5 25", "other 2.0 20", "total 10.0 100"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, table)
		}
	}
}

func TestPercents(t *testing.T) {
	counted := new(counter)
	showPercents(strings.NewReader("    (0.00/100%)\r    (41.30/100%)\r    (100.00/100%)\r\n"), "x", counted)
	if counted.bytes != 100 {
		t.Errorf("the bar went to %d of 100", counted.bytes)
	}
}

// counter is a progress listener that counts.
type counter struct{ bytes int }

func (c *counter) TrackProgress(_ string, _, _ int64, stream io.ReadCloser) io.ReadCloser {
	return &countedReader{stream, c}
}

type countedReader struct {
	io.ReadCloser
	c *counter
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.c.bytes += n
	return n, err
}

func TestArtifact(t *testing.T) {
	directory := t.TempDir()
	write(t, directory+"/ingot-base.qcow2", "image")
	a := &Artifact{directory: directory, imageName: "ingot-base.qcow2", names: []string{"ingot-base.qcow2"}, checksum: "sha256:abc", source: "debian-13", size: 5 << 20}
	img, ok := a.State(image.ArtifactStateURI).(*image.Image)
	if !ok || img.Validate() != nil || img.ImageID != "sha256:abc" || img.SourceImageID != "debian-13" {
		t.Errorf("HCP metadata: %+v", img)
	}
	if a.Id() != "sha256:abc" || len(a.Files()) != 1 || !strings.Contains(a.String(), "5 MiB") {
		t.Errorf("artifact: %s %v %s", a.Id(), a.Files(), a)
	}
	if err := a.Destroy(); err != nil || exists(directory) {
		t.Errorf("Destroy left %s: %v", directory, err)
	}
}

func TestConsoleTailIsPlainText(t *testing.T) {
	path := t.TempDir() + "/console.log"
	write(t, path, "first\r\n\x1b[M\r\x1b[K[  \x1b[0;31m*\x1b[0m] job running\r\r\nlast\a\r\n")
	if got := strings.Join(lastLines(path, 2), "|"); got != "[  *] job running|last" {
		t.Errorf("%q", got)
	}
}
