package libvirt

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ManageCache is the command `packer-plugin-ingot cache`: it lists, prunes or verifies the layers and images that builds keep.
func ManageCache(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "list":
			return listCommand(args[1:], out)
		case "prune":
			return pruneCommand(ctx, args[1:], out)
		case "verify":
			return verifyCommand(ctx, args[1:], out)
		case "help", "-h", "-help", "--help":
			fmt.Fprintln(out, cacheUsage)
			return nil
		}
	}
	return fmt.Errorf("%s, got %q", cacheUsage, args)
}

const cacheUsage = "packer-plugin-ingot cache: must be followed by list, prune or verify, each with its own options (-h)"

// cacheFlags are the options of one of the commands.
type cacheFlags struct {
	*flag.FlagSet
	cache *string
}

func newCacheFlags(command string, out io.Writer) cacheFlags {
	flags := flag.NewFlagSet("packer-plugin-ingot cache "+command, flag.ContinueOnError)
	flags.SetOutput(out)
	return cacheFlags{flags, flags.String("cache-directory", defaultCacheDirectory(os.Geteuid()), "the builds' cache_directory")}
}

// parse returns help true when that was all that was asked for.
func (f cacheFlags) parse(args []string) (help bool, err error) {
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return true, nil
	} else if err != nil {
		return false, err
	}
	if info, err := os.Stat(*f.cache); !errors.Is(err, fs.ErrNotExist) && (err != nil || !info.IsDir()) {
		return false, fmt.Errorf("-cache-directory: must be the folder that builds have as cache_directory, got %q", *f.cache)
	} else if err != nil {
		fmt.Fprintf(f.Output(), "-cache-directory: there is no %s: no build has kept anything there\n", *f.cache)
	}
	if f.NArg() > 0 {
		return false, fmt.Errorf("%s takes no arguments, got %q", f.Name(), f.Args())
	}
	return false, nil
}

func (f cacheFlags) store() layerStore { return storeOf(*f.cache) }
