package profile

import (
	"crypto/sha256"
	"encoding/hex"
)

// source is a file that a profile is made of.
type source struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

func (r *resolver) output(top *spec, variables map[string]variable, used map[string]pin) DatasourceOutput {
	given, all, pins := map[string]any{}, map[string]any{}, map[string]any{}
	for name, v := range variables {
		given[name], all[name] = v.value, v.value
	}
	for name, p := range used {
		all[name], pins[pinName(name)] = p, p
	}
	var tasks, specs []source
	for _, t := range r.tasks {
		tasks = append(tasks, source{Name: t.name, SHA256: t.sha256})
	}
	for _, s := range r.order {
		specs = append(specs, source{Name: s.name, SHA256: s.sha256})
	}
	manifest := map[string]any{
		"spec": top.name, "description": top.description, "specs": specs, "tasks": tasks, "variables": given, "pins": pins,
	}
	return DatasourceOutput{
		Description: top.description, Tasks: r.taskNames(), Variables: string(marshal(all)), Artifacts: string(marshal(pins)),
		Layers: string(marshal(r.layers(all))), Manifest: string(marshal(manifest)),
		Declared: string(marshal(map[string]any{"distributions": r.distributions, "tasks": r.additions})),
	}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
