package versions

import (
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

func TestConfigure(t *testing.T) {
	cases := []struct {
		name    string
		config  map[string]any
		wantErr string
	}{
		{name: "file only", config: map[string]any{"file": "versions.yaml"}},
		{name: "values that validate does not know yet", config: map[string]any{"file": unknown, "architecture": unknown, "image": unknown}},
		{name: "nothing", config: map[string]any{"architecture": "riscv64"},
			wantErr: "file: is required: the path of versions.yaml\narchitecture: must be one of [amd64 arm64], got \"riscv64\""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := new(Datasource).Configure(c.config); errorText(err) != c.wantErr {
				t.Errorf("got: %v\nwant: %s", err, c.wantErr)
			}
		})
	}
}

func TestDefaultArchitecture(t *testing.T) {
	var d Datasource
	if err := d.Configure(map[string]any{"file": "versions.yaml"}); err != nil || d.config.Architecture != runtime.GOARCH {
		t.Errorf("got %q, %v", d.config.Architecture, err)
	}
}

// TestShippedFile holds the file that Ingot ships to its own rules: every image for both architectures.
func TestShippedFile(t *testing.T) {
	for _, arch := range architectures {
		for _, image := range []string{"debian-13", "debian-12", "ubuntu-24.04"} {
			out := execute(t, map[string]any{"file": "../../versions.yaml", "architecture": arch, "image": image})
			if url := out.GetAttr("image_url").AsString(); !strings.Contains(url, arch) {
				t.Errorf("%s for %s: %s is for another architecture", image, arch, url)
			}
		}
	}
}

func TestExecuteHasTheTypesOfOutputSpec(t *testing.T) {
	out := execute(t, map[string]any{"file": "testdata/load/good.yaml", "architecture": "arm64"})
	if want := hcldec.ImpliedType(outputSpec()); !out.Type().Equals(want) {
		t.Errorf("got %#v, want %#v", out.Type(), want)
	}
	for name, value := range out.AsValueMap() {
		if value.IsNull() {
			t.Errorf("%s is null: a template could not take its length", name)
		}
	}
}

// TestToolWithoutTheArchitecture: the profile that needs the tool must be able to say what is wrong.
func TestToolWithoutTheArchitecture(t *testing.T) {
	for arch, want := range map[string]map[string]cty.Value{
		"amd64": {"version": cty.StringVal("1.10"), "url": cty.StringVal("https://example.com/go1.10.tar.gz"),
			"checksum": cty.StringVal("sha256:" + strings.Repeat("a", 64))},
		"arm64": {"missing": cty.StringVal("testdata/load/good.yaml:14: tools.go: has no arm64 download, only amd64")},
	} {
		out := execute(t, map[string]any{"file": "testdata/load/good.yaml", "architecture": arch})
		if got := out.GetAttr("pins").AsValueMap()["go"]; !got.RawEquals(cty.MapVal(want)) {
			t.Errorf("%s:\n got: %#v\nwant: %#v", arch, got, want)
		}
	}
}

func TestImageErrors(t *testing.T) {
	cases := []struct{ name, arch, image, wantErr string }{
		{name: "misspelt", arch: "amd64", image: "debian-14",
			wantErr: `image: unknown name "debian-14"; ../../versions.yaml has debian-12, debian-13, ubuntu-24.04 for amd64; did you mean debian-13?`},
		{name: "far off", arch: "amd64", image: "windows",
			wantErr: `image: unknown name "windows"; ../../versions.yaml has debian-12, debian-13, ubuntu-24.04 for amd64`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var d Datasource
			if err := d.Configure(map[string]any{"file": "../../versions.yaml", "architecture": c.arch, "image": c.image}); err != nil {
				t.Fatal(err)
			}
			if out, err := d.Execute(); errorText(err) != c.wantErr || !out.IsNull() {
				t.Errorf("\n got: %v\nwant: %s", err, c.wantErr)
			}
		})
	}
}

func TestImageWithoutTheArchitecture(t *testing.T) {
	pins := Pins{Images: map[string]Pin{"debian-13": {Downloads: map[string]Download{"amd64": {URL: "u"}}, at: "versions.yaml:2: images.debian-13"}}}
	_, err := pins.image("debian-13", "arm64")
	if want := "image: versions.yaml:2: images.debian-13: has no arm64 download, only amd64"; errorText(err) != want {
		t.Errorf("\n got: %v\nwant: %s", err, want)
	}
}

func TestOverdue(t *testing.T) {
	pins, err := Load("testdata/load/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	last := time.Date(2027, 2, 28, 23, 59, 0, 0, time.UTC)
	if got := pins.Overdue(last); len(got) != 0 {
		t.Errorf("on the day itself: %q", got)
	}
	want := []string{"testdata/load/good.yaml:3: images.debian-13: review_by 2027-02-28 is past: look for a release newer than 20260914-2601, then set a new date"}
	if got := pins.Overdue(last.Add(time.Hour)); !reflect.DeepEqual(got, want) {
		t.Errorf("the day after:\n got: %q\nwant: %q", got, want)
	}
}

func TestFileErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("large.yaml", make([]byte, strictyaml.MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"none.yaml":  "reading file none.yaml: no such file or directory",
		".":          "reading file .: must be a regular file, is d---------",
		"large.yaml": "reading file large.yaml: must be at most 262144 bytes, is 262145",
	} {
		if _, err := Load(path); errorText(err) != want {
			t.Errorf("\n got: %v\nwant: %s", err, want)
		}
	}
}

func execute(t *testing.T, config map[string]any) cty.Value {
	t.Helper()
	var d Datasource
	if err := d.Configure(config); err != nil {
		t.Fatal(err)
	}
	out, err := d.Execute()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
