package ansible

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"
)

func TestPrepareRefuses(t *testing.T) {
	cases, err := filepath.Glob("testdata/prepare/*.case")
	if check(t, err); len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".case"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			check(t, err)
			given, want, _ := strings.Cut(string(content), "\n---\n")
			var config map[string]any
			check(t, json.Unmarshal([]byte(given), &config))
			err = (&Config{}).Prepare(config)
			if err == nil {
				t.Fatal("it was accepted")
			}
			equal(t, err.Error()+"\n", want)
		})
	}
}

func TestPrepareSetsDefaults(t *testing.T) {
	c := &Config{}
	check(t, c.Prepare(map[string]any{"ansible_directory": "testdata/tree"}))
	equal(t, strings.Join([]string{c.Playbook, c.AnsibleTimeout, c.AnsiblePlaybook, c.Variables}, " "), "build.yaml 1h ansible-playbook {}")
	equal(t, c.timeout().String(), "1h0m0s")
}

// TestPrepareAcceptsPlaceholders prepares what Packer hands over under plain `packer validate`, through the real HCL schema.
func TestPrepareAcceptsPlaceholders(t *testing.T) {
	p := &Provisioner{}
	values := map[string]cty.Value{}
	for name, spec := range p.ConfigSpec() {
		values[name] = cty.NullVal(hcldec.ImpliedType(spec))
	}
	for _, name := range []string{"ansible_directory", "playbook", "variables", "ansible_timeout", "log_file", "ansible_playbook"} {
		values[name] = cty.StringVal(unknown)
	}
	for _, name := range []string{"tasks", "sensitive_variables", "extra_arguments"} {
		values[name] = cty.ListVal([]cty.Value{cty.StringVal(unknown)})
	}
	check(t, p.Prepare(cty.ObjectVal(values)))
	values["ansible_directory"], values["playbook"] = cty.StringVal("testdata/tree"), cty.StringVal("build.yaml")
	values["tasks"] = cty.ListValEmpty(cty.String)
	check(t, p.Prepare(cty.ObjectVal(values)))
	check(t, p.Prepare(cty.ObjectVal(values))) // Packer prepares twice
}
