package libvirt

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// reach is how far a field of Config gets.
type reach string

const (
	intoGuest reach = "guest" // into what the task files start from: every digest follows it
	intoImage reach = "image" // only into what is made of the guest's disk
	nowhere   reach = ""
)

// fieldReach classifies every field. A new one belongs here, and, when it reaches the guest or the image, into layer_digests.go.
var fieldReach = map[reach][]string{
	intoGuest: {
		"SourceChecksum", "RequiredCommands", "RootSize", "Machine", "Firmware", "TPM", "DomainXML", "NetworkType", "Hostname",
		"Comm.SSH.SSHUsername",
	},
	intoImage: {"DiskSize", "Compression", "ShutdownCommand", "ShutdownConfirmation"},
	nowhere: {
		// where things are, and how they get here: checksums say what they are
		"SourceImage", "Artifacts", "Mirrors", "DownloadTimeout", "OutputDirectory", "ImageName", "LibvirtURI", "CacheDirectory",
		// what is written beside the image, and what is kept
		"Manifest", "SkipExport", "Cache", "CacheSize", "CacheAge",
		// how fast the guest runs, and how it is reached
		"Accelerator", "CPUs", "Memory", "CPUModel", "NetworkName", "HostPortMin", "HostPortMax", "CloudInitTimeout",
		"ShutdownTimeout", "ExportTimeout",
	},
}

// TestEveryFieldIsClassified flips each field, and sees exactly those digests change that must.
func TestEveryFieldIsClassified(t *testing.T) {
	classes := map[string]reach{}
	for class, names := range fieldReach {
		for _, name := range names {
			classes[name] = class
		}
	}
	before := digestsOf(t, digestConfig(t))
	fields := settableFields(reflect.ValueOf(digestConfig(t)).Elem(), "")
	for _, name := range fields {
		if name == "Layers" { // has its own test
			continue
		}
		class, classified := classes[name] // those of the SDK are flipped, too; what none of ours uses gets nowhere
		if foreign := strings.HasPrefix(name, "PackerConfig.") || strings.HasPrefix(name, "Comm."); !classified && !foreign {
			t.Errorf("Config.%s is new: does it reach the guest, the image or nothing? Say it in fieldReach, and in layer_digests.go", name)
		}
		c := digestConfig(t)
		flip(t, c, name)
		after := digestsOf(t, c)
		for i := range before {
			want := class == intoGuest || class == intoImage && i == len(before)-1
			if got := before[i] != after[i]; got != want {
				t.Errorf("Config.%s: digest %d (%s) changed: %t, want %t", name, i, before[i].Task, got, want)
			}
		}
	}
	for name := range classes {
		if !slices.Contains(fields, name) {
			t.Errorf("fieldReach: Config has no field %s", name)
		}
	}
}

// flipped are values for fields where any other value would not be a valid one.
var flipped = map[string]any{
	"Firmware": "uefi-secure", "Machine": "pc", "NetworkType": "user", "RequiredCommands": []string{"qemu-img"},
	"DomainXML": `<domain><devices><watchdog model="itco"/></devices></domain>`,
}

func flip(t *testing.T, c *Config, name string) {
	t.Helper()
	field := reflect.ValueOf(c).Elem()
	for part := range strings.SplitSeq(name, ".") {
		field = field.FieldByName(part)
	}
	if value, ok := flipped[name]; ok {
		field.Set(reflect.ValueOf(value))
		return
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(field.String() + "x")
	case reflect.Bool:
		field.SetBool(!field.Bool())
	case reflect.Int, reflect.Int64:
		field.SetInt(field.Int() + 1)
	case reflect.Uint8: // the SDK's three-valued truth
		field.SetUint(field.Uint() + 1)
	case reflect.Slice:
		field.Set(reflect.Append(field, reflect.Zero(field.Type().Elem())))
	case reflect.Map:
		field.Set(reflect.MakeMap(field.Type()))
		field.SetMapIndex(reflect.ValueOf("x"), reflect.ValueOf("y"))
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
	default:
		t.Fatalf("Config.%s is a %s, which this test cannot flip", name, field.Kind())
	}
}

// settableFields are the paths of all fields, those of embedded structs too.
func settableFields(value reflect.Value, prefix string) (names []string) {
	for i := range value.NumField() {
		field := value.Type().Field(i)
		switch {
		case !field.IsExported(), field.Type.Kind() == reflect.Func: // no template sets a function
		case field.Type.Kind() == reflect.Struct:
			names = append(names, settableFields(value.Field(i), prefix+field.Name+".")...)
		default:
			names = append(names, prefix+field.Name)
		}
	}
	return names
}

func digestConfig(t *testing.T) *Config {
	t.Helper()
	c, err := testConfig(t, map[string]any{"layers": layersOption("packages", "tools", "harden"), "network_type": "network"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// layersOption is the attribute for tasks whose inputs are digests of their names.
func layersOption(names ...string) string {
	var tasks []taskInputs
	for _, name := range names {
		tasks = append(tasks, taskInputs{Task: name, Inputs: "sha256:" + sha256Of([]byte(name))})
	}
	text, _ := json.Marshal(tasks)
	return string(text)
}

func digestsOf(t *testing.T, c *Config) []layerDigest {
	t.Helper()
	digests, err := c.layerDigests(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return digests
}

// TestLayersFollowTheirInputs changes one task at a time.
func TestLayersFollowTheirInputs(t *testing.T) {
	before := digestsOf(t, digestConfig(t))
	for i, tasks := range [][]string{{"packages2", "tools", "harden"}, {"packages", "tools2", "harden"}, {"packages", "tools", "harden2"}} {
		c := digestConfig(t)
		c.Layers = layersOption(tasks...)
		after := digestsOf(t, c)
		for j := range before {
			if changed := before[j].Digest != after[j].Digest; changed != (j > i) {
				t.Errorf("%v: digest %d changed: %t", tasks, j, changed)
			}
		}
	}
	all := slices.Sorted(maps.Keys(map[string]bool{before[0].Digest: true, before[1].Digest: true, before[2].Digest: true, before[3].Digest: true}))
	if len(all) != 4 || !digestPattern.MatchString(all[0]) || before[0].Task != "" || before[3].Task != "harden" {
		t.Errorf("digests: %v", before)
	}
	c := digestConfig(t) // a shorter profile: what is an image here is a layer there
	c.Layers = layersOption("packages", "tools")
	if short := digestsOf(t, c); short[1] != before[1] || short[2].Digest == before[2].Digest {
		t.Errorf("the image of a profile has the digest of another's layer: %v", short)
	}
}

// TestReleaseOfCommand: another release of Ansible voids all layers.
func TestReleaseOfCommand(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	c := digestConfig(t)
	c.RequiredCommands = []string{"some-playbook", "no-such-command"}
	seen := map[string]bool{}
	for _, release := range []string{"2.14.18", "2.19.4", "2.14.18"} {
		script := "#!/bin/sh\necho 'some-playbook [core " + release + "]'\necho \"$$\" # the second line does not count\n"
		write(t, filepath.Join(folder, "some-playbook"), script)
		chmod(t, filepath.Join(folder, "some-playbook"), 0o755)
		seen[digestsOf(t, c)[0].Digest] = true
	}
	if len(seen) != 2 {
		t.Errorf("two releases have %d digests", len(seen))
	}
}

// TestDigestsStay: a release that means to keep the caches of its users must not change these.
func TestDigestsStay(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the domain is another one on this architecture")
	}
	var text strings.Builder
	for _, d := range digestsOf(t, digestConfig(t)) {
		text.WriteString(d.Digest + " " + d.Task + "\n")
	}
	golden(t, "testdata/layers.want", text.String())
}

func TestWithoutLayers(t *testing.T) {
	for name, attributes := range map[string]map[string]any{
		"off": {"layers": layersOption("packages"), "cache": "off"}, "none": {"layers": layersOption("packages"), "source_checksum": "none"}, "no list": nil,
	} {
		c, err := testConfig(t, attributes)
		if err != nil || c.cacheReason() == "" {
			t.Errorf("%s: %q, %v", name, c.cacheReason(), err)
		}
	}
	if c := digestConfig(t); c.cacheReason() != "" {
		t.Error(c.cacheReason())
	}
	c, _ := testConfig(t, nil)
	if digests := digestsOf(t, c); len(digests) != 0 {
		t.Errorf("without layers: %v", digests)
	}
}
