// Package verify is the post-processor "ingot-verify": it audits the exported file, boots it as two machines with identities of their
// own, and keeps it aside when anything is wrong with it. Nobody gets an image that has not passed.
package verify

import (
	"context"
	"os"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// Components are the parts of the plugin that verification uses, each made anew for every use: components do not import each other.
type Components struct {
	Builder     func() packersdk.Builder     // boots guests
	Provisioner func() packersdk.Provisioner // runs the proofs
	Profile     func() packersdk.Datasource  // resolves a spec, for the command
	Versions    func() packersdk.Datasource  // reads pins, for the command
}

// PostProcessor is `post-processor "ingot-verify"`.
type PostProcessor struct {
	Components
	config Config
}

var _ packersdk.PostProcessor = (*PostProcessor)(nil)

// ConfigSpec returns the HCL schema of the post-processor.
func (p *PostProcessor) ConfigSpec() hcldec.ObjectSpec { return p.config.FlatMapstructure().HCL2Spec() }

// Configure reads and checks the configuration.
func (p *PostProcessor) Configure(raws ...any) error { return p.config.Prepare(raws...) }

// PostProcess verifies the image of the artifact. One that passed before, looked at in the same way, is not looked at again. Meanwhile,
// and when it does not pass, the image is under another name. The artifact is always kept: it is the one that is handed on.
func (p *PostProcessor) PostProcess(ctx context.Context, ui packersdk.Ui, given packersdk.Artifact) (packersdk.Artifact, bool, bool, error) {
	begin := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go cancelWithPacker(ctx, cancel, os.Getppid)
	verified, err := p.verify(ctx, ui, given, begin)
	if err != nil {
		return nil, true, true, err
	}
	return verified, true, true, nil
}

func (p *PostProcessor) verify(ctx context.Context, ui packersdk.Ui, given packersdk.Artifact, begin time.Time) (*Artifact, error) {
	if err := p.config.checkTasks(); err != nil {
		return nil, err
	}
	found, err := imageOf(ctx, given)
	if err != nil {
		return nil, err
	}
	record, err := p.config.record(found)
	if err != nil {
		return nil, err
	}
	if report, ok := record.read(); ok && !p.config.PackerForce {
		ui.Sayf("%s passed on %s: %s; it is not booted again", found.path, report.VerifiedAt.Local().Format("2006-01-02 at 15:04"), report.summary())
		report.Image.File = found.name()
		return newArtifact(given, report, found.directory()), report.write(found.directory())
	}
	kept, err := setAside(found)
	if err != nil {
		return nil, err
	}
	v := &verification{
		config: &p.config, components: p.Components, ui: ui,
		image: kept.image(), checksum: found.checksum, buildID: found.manifest.BuildID, directory: kept.directory(),
	}
	checks, err := v.run(ctx)
	if err != nil {
		return nil, kept.left(err)
	}
	report := newReport(found, p.config.Tasks, checks, begin)
	report.show(ui)
	if err := report.write(kept.directory()); err != nil {
		return nil, kept.left(err)
	}
	if err := kept.settle(report); err != nil {
		return nil, err
	}
	if err := record.keep(report); err != nil {
		ui.Error(err.Error()) // it costs time, not the image
	}
	return newArtifact(given, report, found.directory()), nil
}
