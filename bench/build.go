package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Who builds, and what has changed since the build before.
const (
	ingot = "Ingot"
	peer  = "peer"
	plain = "peer, defaults"

	cold      = "cold"
	unchanged = "unchanged"
	changed   = "one line changed"
)

// build runs packer once; what it says is kept in a file.
func (s setup) build(who, what string) (result, error) {
	r := result{who: who, what: what}
	name := strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(who + " " + what))
	output := filepath.Join(s.work, strings.Fields(name)[0])
	log, err := os.Create(filepath.Join(s.work, name+".log"))
	if err != nil {
		return r, err
	}
	defer log.Close()
	if who != ingot { // the peer replaces nothing
		output = filepath.Join(s.work, name)
		if err := os.RemoveAll(output); err != nil {
			return r, err
		}
	}
	command := exec.Command(s.packer, append([]string{"build", "-color=false"}, s.arguments(who, output)...)...)
	command.Stdout, command.Stderr = log, log
	if who != ingot && s.peerPlugins != "" {
		command.Env = append(os.Environ(), "PACKER_PLUGIN_PATH="+s.peerPlugins)
	}
	fmt.Printf("%s, %s ...\n", who, what)
	if r.wall, r.cpu, err = measure(command); err != nil {
		return r, fmt.Errorf("%s, %s: %w; see %s", who, what, err, log.Name())
	}
	return r, r.look(output)
}

func (s setup) arguments(who, output string) []string {
	variables := map[string]string{
		"ansible_directory": s.content, "source_image": s.image, "source_checksum": s.checksum, "output_directory": output, "accelerator": s.accelerator,
	}
	template := "peer.pkr.hcl"
	switch who {
	case ingot:
		template, variables["cache_directory"] = "ingot.pkr.hcl", s.cache
	case plain:
		variables["plain"] = "true"
	}
	if who != ingot {
		variables["private_key"], variables["seed"] = s.key, s.seed
	}
	var arguments []string
	for name, value := range variables {
		arguments = append(arguments, "-var", name+"="+value)
	}
	return append(arguments, filepath.Join(s.templates, template))
}
