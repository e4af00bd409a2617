//go:build e2e

package e2e

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"text/template"

	"gopkg.in/yaml.v3"
)

// released is a version that no checkout has.
const released = "97.5.3"

// goreleaser is the part of .goreleaser.yml that says how a file of a release is made and called.
type goreleaser struct {
	Name   string `yaml:"project_name"`
	Builds []struct {
		Binary         string
		Flags, Ldflags []string
	}
	Archives []struct {
		Formats      []string
		NameTemplate string `yaml:"name_template"`
	}
	Checksum struct {
		NameTemplate string `yaml:"name_template"`
		Algorithm    string
	}
}

func readGoreleaser(t *testing.T) goreleaser {
	t.Helper()
	text, err := os.ReadFile("../.goreleaser.yml")
	if err != nil {
		t.Fatal(err)
	}
	var g goreleaser
	if err := yaml.Unmarshal(text, &g); err != nil {
		t.Fatalf(".goreleaser.yml: %v", err)
	}
	if len(g.Builds) != 1 || len(g.Archives) != 1 {
		t.Fatalf(".goreleaser.yml: want one build and one archive, got %d and %d", len(g.Builds), len(g.Archives))
	}
	return g
}

// fill gives the templates of .goreleaser.yml the values that goreleaser would.
func (g goreleaser) fill(t *testing.T, text string) string {
	t.Helper()
	values := map[string]any{
		"ProjectName": g.Name, "Version": released, "Os": runtime.GOOS, "Arch": runtime.GOARCH,
		"ModulePath": "github.com/ingot-images/packer-plugin-ingot", "Env": map[string]string{"API_VERSION": "x5.0"},
	}
	var filled strings.Builder
	if err := template.Must(template.New("").Option("missingkey=error").Parse(text)).Execute(&filled, values); err != nil {
		t.Fatalf(".goreleaser.yml: %v", err)
	}
	return filled.String()
}

// compile makes the binary of a release, and returns its path.
func (g goreleaser) compile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), g.fill(t, g.Builds[0].Binary))
	ldflags := g.fill(t, strings.Join(g.Builds[0].Ldflags, " "))
	compiler := exec.Command("go", append(append([]string{"build", "-o", path, "-ldflags", ldflags}, g.Builds[0].Flags...), "..")...)
	compiler.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	if output, err := compiler.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", compiler, err, output)
	}
	return path
}

// pack makes the zip of a release and its list of checksums, as goreleaser does, in a folder of their own.
func (g goreleaser) pack(t *testing.T, binary string) (archive, sums string) {
	t.Helper()
	if got := g.Archives[0].Formats; len(got) != 1 || got[0] != "zip" || g.Checksum.Algorithm != "sha256" {
		t.Fatalf(".goreleaser.yml: Packer takes zip and sha256 only, got %v and %q", got, g.Checksum.Algorithm)
	}
	folder := t.TempDir()
	archive = filepath.Join(folder, g.fill(t, g.Archives[0].NameTemplate)+".zip")
	content, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	writer := zip.NewWriter(io.MultiWriter(file, hash))
	header := &zip.FileHeader{Name: filepath.Base(binary), Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := writer.CreateHeader(header)
	if err == nil {
		_, err = entry.Write(content)
	}
	if err != nil || writer.Close() != nil || file.Close() != nil {
		t.Fatalf("writing %s: %v", archive, err)
	}
	sums = filepath.Join(folder, g.fill(t, g.Checksum.NameTemplate))
	if err := os.WriteFile(sums, fmt.Appendf(nil, "%x  %s\n", hash.Sum(nil), filepath.Base(archive)), 0o644); err != nil {
		t.Fatal(err)
	}
	return archive, sums
}

// description is what `packer-plugin-ingot describe` says to Packer.
type description struct {
	Version         string   `json:"version"`
	SDKVersion      string   `json:"sdk_version"`
	APIVersion      string   `json:"api_version"`
	ProtocolVersion string   `json:"protocol_version"`
	Builders        []string `json:"builders"`
	PostProcessors  []string `json:"post_processors"`
	Provisioners    []string `json:"provisioners"`
	Datasources     []string `json:"datasources"`
}

func describePlugin(t *testing.T, binary string) description {
	t.Helper()
	var d description
	if err := json.Unmarshal(run(t, binary, "describe"), &d); err != nil {
		t.Fatalf("describe prints more than JSON, or none: %v", err)
	}
	return d
}
