package verify

import (
	"cmp"
	"errors"
	"fmt"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// configure does for a person what a template does with data sources: it resolves the spec with the pins, and prepares the rest.
func (c *command) configure(components Components, m manifest) error {
	spec := cmp.Or(c.spec, m.Profile.Spec)
	if spec == "" {
		return fmt.Errorf("-spec: is required, since there is no %s that names the profile of %s", c.manifest, c.file)
	}
	pins, err := c.pins(components, m)
	if err != nil {
		return err
	}
	profile, err := evaluate(components.Profile(), map[string]any{"ansible_directory": c.config.AnsibleDirectory, "spec": spec, "pins": pins})
	if err != nil {
		return fmt.Errorf("-spec %s: %w", spec, err)
	}
	given := map[string]any{
		"ansible_directory": c.config.AnsibleDirectory,
		"tasks":             texts(profile.GetAttr("tasks")), "variables": profile.GetAttr("variables").AsString(),
		"declared":    profile.GetAttr("declared").AsString(),
		"accelerator": c.config.Accelerator, "libvirt_uri": c.config.LibvirtURI, "cache_directory": c.config.CacheDirectory,
		"cpus": c.config.CPUs, "memory": c.config.Memory, "boot_timeout": c.config.BootTimeout.String(),
	}
	return c.config.Prepare(given)
}

// pins are those of the manifest: an image is held against what it was built from, which may not be today's.
func (c *command) pins(components Components, m manifest) (string, error) {
	if c.versions == "" {
		return cmp.Or(string(m.Profile.Pins), "{}"), nil
	}
	versions, err := evaluate(components.Versions(), map[string]any{"file": c.versions})
	if err != nil {
		return "", fmt.Errorf("-versions %s: %w", c.versions, err)
	}
	pins := versions.GetAttr("pins")
	text, err := ctyjson.Marshal(pins, pins.Type())
	return string(text), err
}

// evaluate asks a data source as Packer does.
func evaluate(source packersdk.Datasource, settings map[string]any) (cty.Value, error) {
	err := source.Configure(settings)
	if err != nil {
		return cty.NilVal, err
	}
	value, err := source.Execute()
	return value, errors.Join(err)
}

func texts(list cty.Value) (all []string) {
	for _, value := range list.AsValueSlice() {
		all = append(all, value.AsString())
	}
	return all
}
