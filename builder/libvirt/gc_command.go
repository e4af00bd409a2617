package libvirt

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// CollectGarbage is the command `packer-plugin-ingot gc`: it removes what builds left behind whose process is gone,
// also those kept by `-on-error=abort`. It prints one line for each thing removed.
func CollectGarbage(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("packer-plugin-ingot gc", flag.ContinueOnError)
	flags.SetOutput(out)
	uri := flags.String("libvirt-uri", defaultURI(os.Geteuid()), "the libvirt connection")
	cache := flags.String("cache-directory", defaultCacheDirectory(os.Geteuid()), "the builds' cache_directory")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("packer-plugin-ingot gc takes no arguments, got %q", flags.Args())
	}
	return collect(ctx, *uri, *cache, out)
}

// gcCommand is the command as this user can type it: Packer keeps its plugins off PATH.
func (c *Config) gcCommand() string {
	plugin, err := os.Executable()
	if err != nil {
		plugin = "packer-plugin-ingot"
	}
	return fmt.Sprintf("%s gc -cache-directory %s -libvirt-uri %s", plugin, c.CacheDirectory, c.LibvirtURI)
}
