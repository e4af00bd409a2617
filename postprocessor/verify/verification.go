package verify

import (
	"context"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// The phases of a verification, in order.
const (
	phaseFile    = "file"            // the file as it lies there
	phaseFirst   = "first boot"      // of a machine with an identity of its own
	phaseReboot  = "reboot"          // of the same machine
	phaseAnother = "another machine" // from the same file
)

// verification is one look at one image.
type verification struct {
	config     *Config
	components Components
	ui         packersdk.Ui
	image      string // path of the qcow2, which is only read
	checksum   string // sha256:…, of the image
	buildID    string // of the build that made it, as manifest.json says; or empty
	directory  string // for logs of guests that did not pass
}

// run looks at everything, also after a problem was found: a person wants to know of all of them. It fails only when it was cancelled.
func (v *verification) run(ctx context.Context) ([]Check, error) {
	v.ui.Say("Looking at the file, which is not booted: " + v.image)
	checks := v.audit(ctx)
	checks = append(checks, v.bootTwice(ctx)...)
	checks = append(checks, v.unchanged(ctx))
	return checks, ctx.Err()
}
