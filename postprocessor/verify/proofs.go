package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	playbook   = "verify.yaml"
	proofsFile = "proofs.json" // written by the playbook
)

// proofs is what the playbook says: whose proofs it ran, and "NAME: PROBLEM" for each problem.
type proofs struct {
	Proofs   []string `json:"proofs"`
	Problems []string `json:"problems"`
}

// prove runs verify.yaml in the guest. Each proof is a check, and all of them are run.
func (v *verification) prove(ctx context.Context, g *guest, phase, distribution string) []Check {
	ran := Check{Phase: phase, Name: "the proofs were run"}
	begin := time.Now()
	directory := filepath.Join(fmt.Sprint(g.data["IngotBuildDirectory"]), slug(phase))
	found, err := v.runPlaybook(ctx, g, directory, distribution)
	if err != nil {
		ran.Problems = append(ran.Problems, err.Error())
	}
	checks, took := []Check{}, taskSeconds(directory)
	for _, name := range append([]string{"boot", "kernel"}, v.config.Tasks...) {
		c := Check{Phase: phase, Name: "proof of " + name, Took: took[name], Problems: found.of(name)}
		switch {
		case slices.Contains(found.Proofs, name):
		case err != nil:
			c.Skipped = "the proofs did not come that far"
		default:
			c.Problems = append(c.Problems, "tasks: "+playbook+" must run the proof of each, and has not run this one")
		}
		checks = append(checks, c)
		begin = begin.Add(took[name]) // what is left is Ansible's own time
	}
	ran.Took = time.Since(begin)
	return append(checks, ran)
}

func (v *verification) runPlaybook(ctx context.Context, g *guest, directory, distribution string) (found proofs, err error) {
	if err := os.Mkdir(directory, 0o700); err != nil {
		return found, err
	}
	report := filepath.Join(directory, proofsFile)
	variables, err := v.variables(report, distribution)
	if err != nil {
		return found, err
	}
	provisioner := v.components.Provisioner()
	if err := provisioner.Prepare(map[string]any{
		"ansible_directory": v.config.AnsibleDirectory, "playbook": playbook, "tasks": v.config.Tasks,
		"variables": variables, "ansible_timeout": v.config.ProofTimeout.String(),
	}); err != nil {
		return found, err
	}
	data := maps.Clone(g.data)
	data["IngotBuildDirectory"] = directory // log and times of this run
	if err := provisioner.Provision(ctx, v.ui, nil, data); err != nil {
		return found, err
	}
	content, err := os.ReadFile(report)
	if err == nil {
		err = json.Unmarshal(content, &found)
	}
	if err != nil {
		return found, fmt.Errorf("reading what %s found: %w", playbook, err)
	}
	return found, nil
}

// variables are those of the profile, each as it was written, with what verify.yaml itself is told.
func (v *verification) variables(report, distribution string) (string, error) {
	variables := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(v.config.Variables), &variables); err != nil {
		return "", fmt.Errorf("variables: %w", err)
	}
	expected, err := newExpectations(v.config.Declared, v.config.Tasks, v.buildID)
	if err != nil {
		return "", err
	}
	allowed := expected.on(distribution)
	for name, value := range map[string]any{
		"verify_report":          report,
		"verify_kernel_messages": append([]string{}, allowed.KernelMessages...),
		"verify_kernel_taints":   strings.Join(allowed.KernelTaints, ""),
	} {
		if variables[name], err = json.Marshal(value); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(variables)
	return string(text), err
}

// of are the problems of one proof.
func (p proofs) of(name string) (problems []string) {
	for _, line := range p.Problems {
		if problem, is := strings.CutPrefix(line, name+": "); is {
			problems = append(problems, problem)
		}
	}
	return problems
}

// taskSeconds is how long each proof took, as the provisioner notes it.
func taskSeconds(directory string) map[string]time.Duration {
	var tasks []struct {
		Task    string
		Seconds float64
	}
	took := map[string]time.Duration{}
	content, err := os.ReadFile(filepath.Join(directory, "tasks.json"))
	if err != nil || json.Unmarshal(content, &tasks) != nil {
		return took
	}
	for _, t := range tasks {
		took[t.Task] = time.Duration(t.Seconds * float64(time.Second))
	}
	return took
}
