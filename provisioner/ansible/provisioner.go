// Package ansible is the provisioner ingot-ansible: it applies the task files of a profile to the guest with ansible-playbook.
package ansible

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/hashicorp/hcl/v2/hcldec"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// Provisioner runs one playbook, straight over the builder's SSH.
type Provisioner struct {
	config Config
}

var _ packersdk.Provisioner = (*Provisioner)(nil)

// ConfigSpec returns the HCL schema of the provisioner.
func (p *Provisioner) ConfigSpec() hcldec.ObjectSpec { return p.config.FlatMapstructure().HCL2Spec() }

// Prepare reads and checks the configuration.
func (p *Provisioner) Prepare(raws ...any) error { return p.config.Prepare(raws...) }

// Provision applies the playbook to the guest that the builder describes in data. When it returns, for whatever reason, no
// process and no file of the run is left but the log and the report.
func (p *Provisioner) Provision(ctx context.Context, ui packersdk.Ui, _ packersdk.Communicator, data map[string]any) (err error) {
	g, err := newGuest(data)
	if err != nil {
		return err
	}
	c, report := p.config, newReport(reportFile(g))
	c.Tasks = leaveOut(c.Tasks, g.tasksDone, report, ui)
	if len(c.Tasks) == 0 && len(p.config.Tasks) > 0 {
		return report.problem()
	}
	if err := c.findCommands(); err != nil {
		return err
	}
	root, err := filepath.Abs(c.AnsibleDirectory)
	if err != nil {
		return fmt.Errorf("ansible_directory: %w", err)
	}
	mask, err := c.newMask()
	if err != nil {
		return err
	}
	out, err := openLog(c.logFile(g), mask)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	w, err := newWorkspace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.fill(&c, g); err != nil {
		return err
	}

	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout(), fmt.Errorf("timed out after %s", c.timeout()))
	defer cancel()
	progress := &progress{ui: ui, config: &c, root: root, mask: mask, report: report, checkpoints: newCheckpoints(g, c.Tasks, report, ui)}
	cmd := c.command(ctx, root, w.dir)
	runErr := run(ctx, cmd, w.dir, out, progress)
	return progress.finish(ctx, cmd, runErr, out, time.Now())
}

// findCommands reports all that is missing on this machine, each with the command that installs it.
func (c *Config) findCommands() error {
	_, ansibleErr := exec.LookPath(c.AnsiblePlaybook)
	if ansibleErr != nil {
		ansibleErr = fmt.Errorf("ansible_playbook: %q was not found; install it with: apt-get install ansible-core", c.AnsiblePlaybook)
	}
	_, sshErr := exec.LookPath("ssh")
	if sshErr != nil {
		sshErr = errors.New("ssh, which Ansible needs, was not found; install it with: apt-get install openssh-client")
	}
	return errors.Join(ansibleErr, sshErr)
}

// logFile is where the full output goes: beside the other files of the build unless the template says otherwise.
func (c *Config) logFile(g *guest) string {
	switch {
	case c.LogFile != "":
		return c.LogFile
	case g.directory != "":
		return filepath.Join(g.directory, "ansible.log")
	}
	return os.DevNull
}

// reportFile is read by the builder for its table of times and for the manifest.
func reportFile(g *guest) string {
	if g.directory == "" {
		return ""
	}
	return filepath.Join(g.directory, "tasks.json")
}
