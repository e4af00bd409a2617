package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// declaration is what an image may have, from one file in ansible/declares, or from several of them together.
type declaration struct {
	Users          []string `json:"users,omitempty"`
	Groups         []string `json:"groups,omitempty"`
	Privileged     []string `json:"privileged,omitempty"`      // "4755 root:root /usr/bin/sudo", "cap_net_raw=ep /usr/bin/ping"
	WorldWritable  []string `json:"world_writable,omitempty"`  // paths
	KernelMessages []string `json:"kernel_messages,omitempty"` // regular expressions
	KernelTaints   []string `json:"kernel_taints,omitempty"`   // letters
}

// declared is the output `declared` of data "ingot-profile".
type declared struct {
	Distributions map[string]declaration `json:"distributions"` // by name: debian-13
	Tasks         map[string]declaration `json:"tasks"`         // of the profile
}

// expectations are what the profile says of an image. An image must not go beyond it.
type expectations struct {
	declared declared
	tasks    []string // names of the task files, in order
	buildID  string   // "": not known
}

// newExpectations reads `declared` as JSON; none of it is a mistake, but then nearly everything in an image is one too many.
func newExpectations(declaredJSON string, tasks []string, buildID string) (expectations, error) {
	e := expectations{tasks: tasks, buildID: buildID}
	if declaredJSON == "" {
		return e, nil
	}
	dec := json.NewDecoder(bytes.NewBufferString(declaredJSON))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e.declared); err != nil {
		return e, fmt.Errorf("declared: must be what data.ingot-profile.NAME.declared gives, a JSON object with distributions and tasks: %w", err)
	}
	return e, nil
}

// on is what an image of the distribution may have: its publisher's, and what the tasks add.
func (e expectations) on(distribution string) declaration {
	all := e.declared.Distributions[distribution]
	for _, d := range e.declared.Tasks {
		all.Users = slices.Concat(all.Users, d.Users)
		all.Groups = slices.Concat(all.Groups, d.Groups)
		all.Privileged = slices.Concat(all.Privileged, d.Privileged)
		all.WorldWritable = slices.Concat(all.WorldWritable, d.WorldWritable)
		all.KernelMessages = slices.Concat(all.KernelMessages, d.KernelMessages)
		all.KernelTaints = slices.Concat(all.KernelTaints, d.KernelTaints)
	}
	return all
}

// isReadOnlyRoot tells whether the image must boot with a root that nobody can write.
func (e expectations) isReadOnlyRoot() bool { return slices.Contains(e.tasks, "read-only-root") }
