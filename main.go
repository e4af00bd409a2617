// Command packer-plugin-ingot is the Packer plugin "ingot": builds golden VM images under libvirt.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"github.com/hashicorp/packer-plugin-sdk/plugin"

	"github.com/ingot-images/packer-plugin-ingot/builder/libvirt"
	"github.com/ingot-images/packer-plugin-ingot/datasource/profile"
	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
	"github.com/ingot-images/packer-plugin-ingot/datasource/versions/bump"
	"github.com/ingot-images/packer-plugin-ingot/postprocessor/verify"
	"github.com/ingot-images/packer-plugin-ingot/provisioner/ansible"
	"github.com/ingot-images/packer-plugin-ingot/version"
)

const usage = `A plugin for Packer, which starts it itself. A person may type:
  packer-plugin-ingot gc           remove what killed builds left (-h: options)
  packer-plugin-ingot cache list   show what builds keep to reuse: layers as a tree, and images
  packer-plugin-ingot cache prune  remove what has not been used for long (-h: options)
  packer-plugin-ingot cache verify read all of it, and compare with the checksums
  packer-plugin-ingot verify FILE  audit and boot a qcow2, as every build does with its own (-h: options)
  packer-plugin-ingot pins         list what versions.yaml pins (-h: options)
  packer-plugin-ingot pins check   download all of it, and compare with the checksums (-h: options)
  packer-plugin-ingot bump         write newer releases into versions.yaml, or propose them (-h: options)
`

// components are what the post-processor verify is made of, which imports none of them.
var components = verify.Components{
	Builder:     func() packersdk.Builder { return new(libvirt.Builder) },
	Provisioner: func() packersdk.Provisioner { return new(ansible.Provisioner) },
	Profile:     func() packersdk.Datasource { return new(profile.Datasource) },
	Versions:    func() packersdk.Datasource { return new(versions.Datasource) },
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitStatus(err))
	}
}

// exitStatus is 1, or 2 when `bump -check` has only found that something is outdated.
func exitStatus(err error) int {
	if errors.Is(err, bump.ErrOutdated) {
		return 2
	}
	return 1
}

// run serves Packer, or runs a command that a person types.
func run(args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "gc":
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			return libvirt.CollectGarbage(ctx, args[1:], os.Stdout)
		case "cache":
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return libvirt.ManageCache(ctx, args[1:], os.Stdout)
		case "pins":
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return versions.Command(ctx, args[1:], os.Stdout, os.Stderr)
		case "bump":
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return bump.Command(ctx, args[1:], os.Stdout, os.Stderr)
		case "verify":
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return verify.Command(ctx, components, args[1:], os.Stdout)
		case "help", "-h", "-help", "--help":
			fmt.Print(usage)
			return nil
		}
	}
	set := plugin.NewSet()
	set.RegisterBuilder("libvirt", new(libvirt.Builder))
	set.RegisterDatasource("versions", new(versions.Datasource))
	set.RegisterDatasource("profile", new(profile.Datasource))
	set.RegisterProvisioner("ansible", new(ansible.Provisioner))
	set.RegisterPostProcessor("verify", &verify.PostProcessor{Components: components})
	set.SetVersion(version.PluginVersion)
	return set.Run()
}
