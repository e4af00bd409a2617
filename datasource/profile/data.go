// Package profile is `data "ingot-profile"`: it is the only package that opens specs.
//
// A spec says which task files an image is made of. Specs include other specs: [Datasource] resolves one into an ordered list
// of tasks, their variables and a manifest. The order is depth-first, each task once, where it is first seen; `harden` is
// applied to every image and always last, whether and wherever a spec lists it. A spec decides over what it includes; two
// includes that disagree on a variable are an error until the including spec decides.
package profile

import (
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/hcl2helper"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"github.com/zclconf/go-cty/cty"
)

var _ packersdk.Datasource = (*Datasource)(nil)

// Datasource resolves a spec for a template.
type Datasource struct{ config Config }

// ConfigSpec describes Config to Packer.
func (d *Datasource) ConfigSpec() hcldec.ObjectSpec { return d.config.FlatMapstructure().HCL2Spec() }

// OutputSpec describes DatasourceOutput to Packer.
func (d *Datasource) OutputSpec() hcldec.ObjectSpec {
	return (&DatasourceOutput{}).FlatMapstructure().HCL2Spec()
}

// Configure checks the block itself; it opens no file, because `packer validate` stops here.
func (d *Datasource) Configure(raws ...any) error { return d.config.prepare(raws...) }

// Execute reads the spec and all that it leads to.
func (d *Datasource) Execute() (cty.Value, error) {
	out, err := resolve(d.config)
	if err != nil {
		return cty.NullVal(cty.EmptyObject), err
	}
	return hcl2helper.HCL2ValueFromConfig(out, d.OutputSpec()), nil
}
