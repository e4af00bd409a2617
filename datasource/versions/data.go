// Package versions is `data "ingot-versions"`: it is the only package that opens versions.yaml.
//
// [Load] holds every rule about that file; [Datasource] gives one architecture's downloads to a template.
package versions

import (
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/packer-plugin-sdk/hcl2helper"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"github.com/zclconf/go-cty/cty"
)

var _ packersdk.Datasource = (*Datasource)(nil)

// Datasource reads versions.yaml for a template.
type Datasource struct{ config Config }

// ConfigSpec describes Config to Packer.
func (d *Datasource) ConfigSpec() hcldec.ObjectSpec { return d.config.FlatMapstructure().HCL2Spec() }

// OutputSpec describes DatasourceOutput to Packer.
func (d *Datasource) OutputSpec() hcldec.ObjectSpec { return outputSpec() }

// Configure checks the block itself; it opens no file, because `packer validate` stops here.
func (d *Datasource) Configure(raws ...any) error { return d.config.prepare(raws...) }

// Execute reads versions.yaml.
func (d *Datasource) Execute() (cty.Value, error) {
	out, err := d.output(time.Now())
	if err != nil {
		return cty.NullVal(cty.EmptyObject), err
	}
	return hcl2helper.HCL2ValueFromConfig(out, outputSpec()), nil
}

func (d *Datasource) output(now time.Time) (DatasourceOutput, error) {
	c := d.config
	pins, err := Load(c.File)
	if err != nil {
		return DatasourceOutput{}, err
	}
	out := DatasourceOutput{
		Images: downloads(pins.Images, c.Architecture), Pins: pins.tools(c.Architecture),
		Digest: pins.Digest(), Warnings: pins.Overdue(now),
	}
	if c.Image != "" {
		image, err := pins.image(c.Image, c.Architecture)
		if err != nil {
			return DatasourceOutput{}, err
		}
		out.ImageURL, out.ImageChecksum, out.ImageVersion = image["url"], image["checksum"], image["version"]
	}
	return out, nil
}
