package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/ingot-images/packer-plugin-ingot/datasource/profile"
	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

var architectures = []string{"amd64", "arm64"}

// TestEverySpecResolves runs both data sources as a template does. For arm64 a missing download is the only thing that may be wrong.
func TestEverySpecResolves(t *testing.T) {
	missing := regexp.MustCompile(`^ansible/meta/argument_specs.yml:\d+: pin_\w+: versions.yaml:\d+: tools.\S+: has no arm64 download, only amd64; `)
	for _, spec := range names(t, "ansible/specs/*.yaml") {
		for _, arch := range architectures {
			out, err := resolve(arch, spec)
			switch {
			case err == nil:
				checkArtifacts(t, spec, arch, out)
			case arch == "amd64":
				t.Errorf("ansible/specs/%s.yaml does not resolve for %s: correct what it says here:\n%v", spec, arch, err)
			default:
				for line := range strings.SplitSeq(err.Error(), "\n") {
					if !missing.MatchString(line) {
						t.Errorf("ansible/specs/%s.yaml does not resolve for %s: correct what it says here: %s", spec, arch, line)
					}
				}
			}
		}
	}
}

// checkArtifacts: what the builder downloads is what the tasks get as their variables, and as versions.yaml has it.
func checkArtifacts(t *testing.T, spec, arch string, out cty.Value) {
	t.Helper()
	var artifacts map[string]versions.Download
	var variables map[string]any
	for attribute, into := range map[string]any{"artifacts": &artifacts, "variables": &variables} {
		if err := json.Unmarshal([]byte(out.GetAttr(attribute).AsString()), into); err != nil {
			t.Fatalf("%s: %s: %v", spec, attribute, err)
		}
	}
	tools := pins(t).Tools
	for name, artifact := range artifacts {
		if artifact != tools[name].Downloads[arch] {
			t.Errorf("%s: artifacts: %s is %+v, versions.yaml has %+v", spec, name, artifact, tools[name].Downloads[arch])
		}
	}
	for name := range variables {
		if tool, isPin := pinVariables(t)[name]; isPin && artifacts[tool].URL == "" {
			t.Errorf("%s: the tasks get %s, but artifacts has no %s: the builder would not download it", spec, name, tool)
		}
	}
}

// TestTemplatesDifferOnlyInTheirProfile: a template is the one of base with another name.
func TestTemplatesDifferOnlyInTheirProfile(t *testing.T) {
	base, _ := profileLines(t, "base")
	for _, name := range templates(t) {
		lines, first := profileLines(t, name)
		for i := range max(len(base), len(lines)) {
			if want, got := at(base, i), at(lines, i); want != got {
				t.Errorf("templates/%s.pkr.hcl:%d differs from templates/base.pkr.hcl in more than the profile's name: make them equal\n got: %s\nwant: %s",
					name, first+i, got, want)
				break
			}
		}
	}
}

func TestTemplatesHaveSpecs(t *testing.T) {
	for _, name := range missing(templates(t), names(t, "ansible/specs/*.yaml")) {
		t.Errorf("templates/%s.pkr.hcl builds no profile: write ansible/specs/%[1]s.yaml, or delete the template", name)
	}
}

func templates(t *testing.T) []string {
	all := names(t, "templates/*.hcl")
	for i := range all {
		all[i] = strings.TrimSuffix(all[i], ".pkr")
	}
	return all
}

// profileLines are a template's lines after its leading comment, with PROFILE for its own name where that is a name of its own:
// between quotes, dots or slashes. first is the number of the first line.
func profileLines(t *testing.T, name string) (lines []string, first int) {
	lines = strings.Split(read(t, filepath.Join("templates", name+".pkr.hcl")), "\n")
	for first = 1; strings.HasPrefix(lines[0], "#"); first++ {
		lines = lines[1:]
	}
	own := regexp.MustCompile(`([./"])` + regexp.QuoteMeta(name) + `([."])`)
	for i := range lines {
		lines[i] = own.ReplaceAllString(lines[i], "${1}PROFILE${2}")
	}
	return lines, first
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end of file)"
}

// pinned is the output of data "ingot-versions".
func pinned(arch, image string) (cty.Value, error) {
	var d versions.Datasource
	if err := d.Configure(map[string]any{"file": "versions.yaml", "architecture": arch, "image": image}); err != nil {
		return cty.NilVal, err
	}
	return d.Execute()
}

// resolve is the output of data "ingot-profile", with the pins of data "ingot-versions".
func resolve(arch, spec string) (cty.Value, error) { return resolveIn("ansible", arch, spec) }

func resolveIn(folder, arch, spec string) (cty.Value, error) {
	out, err := pinned(arch, "")
	if err != nil {
		return cty.NilVal, err
	}
	pins := out.GetAttr("pins")
	text, err := ctyjson.Marshal(pins, pins.Type())
	if err != nil {
		return cty.NilVal, err
	}
	var d profile.Datasource
	if err := d.Configure(map[string]any{"ansible_directory": folder, "spec": spec, "pins": string(text)}); err != nil {
		return cty.NilVal, err
	}
	return d.Execute()
}
