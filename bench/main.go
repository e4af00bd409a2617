// Command bench builds the small profile of bench/ansible with Ingot and with its peer, packer-plugin-qemu with packer-plugin-ansible: cold,
// again with nothing changed, and after one line of the last task file has changed. It prints what each took, and the ratios.
// scripts/bench is its caller.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// setup is what scripts/bench has found and made.
type setup struct {
	packer, peerPlugins string // a program, and a value for PACKER_PLUGIN_PATH, empty for the user's own
	templates, content  string // bench/, and the folder of scripts/bench.d/content
	work, cache         string // where images and logs go, and an empty cache for Ingot
	image, checksum     string // the base image
	accelerator         string
	key, seed           string // of the peer's guest
}

func main() {
	var s setup
	for name, value := range map[string]*string{
		"packer": &s.packer, "peer-plugins": &s.peerPlugins, "templates": &s.templates, "content": &s.content, "work": &s.work, "cache": &s.cache,
		"image": &s.image, "checksum": &s.checksum, "accelerator": &s.accelerator, "key": &s.key, "seed": &s.seed,
	} {
		flag.StringVar(value, name, "", "see scripts/bench")
	}
	flag.Parse()
	if err := s.run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (s setup) run() error {
	var all results
	for _, what := range []string{cold, unchanged, changed} {
		if what == changed {
			if err := s.edit(); err != nil {
				return err
			}
		}
		for _, who := range []string{peer, ingot} {
			if err := all.add(s.build(who, what)); err != nil {
				return err
			}
		}
	}
	if err := all.add(s.build(plain, cold)); err != nil {
		return err
	}
	all.print(os.Stdout)
	return nil
}

// edit changes one line of the last task.
func (s setup) edit() error {
	path := filepath.Join(s.content, "tasks", "app.yaml")
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	edited := bytes.Replace(content, []byte("interval = 60"), []byte("interval = 61"), 1)
	if bytes.Equal(edited, content) {
		return fmt.Errorf("%s: there is no line to change", path)
	}
	return os.WriteFile(path, edited, 0o644)
}
