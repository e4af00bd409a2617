//go:generate go tool packer-sdc struct-markdown

package versions

import (
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"
)

// DatasourceOutput is what `data.ingot-versions.NAME` gives to a template.
type DatasourceOutput struct {
	// Base images that versions.yaml has for the architecture: name to `version`, `url` and `checksum`.
	Images map[string]map[string]string `mapstructure:"images"`
	// Tools of versions.yaml in the same form: what `data "ingot-profile"` takes as `pins`. A tool without a download for the
	// architecture has only `missing`, the sentence that says so: it is an error for a profile that needs it, and for no other.
	Pins map[string]map[string]string `mapstructure:"pins"`
	// SHA-256 over what versions.yaml pins, for all architectures. Comments, order, `update` and `review_by` do not change it.
	Digest string `mapstructure:"digest"`
	// One sentence for each pin whose `review_by` is past. It never fails a build.
	Warnings []string `mapstructure:"warnings"`
	// Where the base image named by `image` is downloaded from; empty without `image`, like the next two.
	ImageURL string `mapstructure:"image_url"`
	// Its checksum: `sha256:` or `sha512:` and hexadecimal digits.
	ImageChecksum string `mapstructure:"image_checksum"`
	// Its version, for example `20260712-2537`.
	ImageVersion string `mapstructure:"image_version"`
}

var (
	listType = cty.List(cty.String)
	pinsType = cty.Map(cty.Map(cty.String)) // packer-sdc renders every map as map(string), hence this file by hand
)

// outputTypes are the types of DatasourceOutput's fields.
var outputTypes = map[string]cty.Type{
	"images": pinsType, "pins": pinsType, "digest": cty.String, "warnings": listType,
	"image_url": cty.String, "image_checksum": cty.String, "image_version": cty.String,
}

func outputSpec() hcldec.ObjectSpec {
	spec := hcldec.ObjectSpec{}
	for name, typ := range outputTypes {
		spec[name] = &hcldec.AttrSpec{Name: name, Type: typ}
	}
	return spec
}
