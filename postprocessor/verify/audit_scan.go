package verify

import (
	"cmp"
	"context" // what dpkg's lists have
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// entry is a file, folder, link or device of the tree.
type entry struct {
	path         string // /etc/passwd
	mode         fs.FileMode
	uid, gid     uint32
	size         int64
	capabilities string // cap_net_raw=ep
	hasACL       bool

	problems  []string // with the content: private keys, traces
	builder   bool     // the content has the word
	publicKey bool     // the content has one
	isChanged bool     // it is not what its package installed
}

// scan reads the whole tree once: what each entry is, then the content of each file, with all processors.
func scan(ctx context.Context, root string, want expectations, p *packages) ([]*entry, error) {
	var entries []*entry
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		one, err := readEntry(root, path, d)
		entries = append(entries, one)
		return errors.Join(err, context.Cause(ctx))
	})
	if err != nil {
		return nil, err
	}
	traces := want.traces()
	group, ctx := errgroup.WithContext(ctx)
	work := make(chan *entry)
	for range runtime.NumCPU() {
		group.Go(func() error {
			r := &contentReader{root: root, traces: traces, buffer: make([]byte, piece+longest)}
			for one := range work {
				if err := r.read(ctx, one, cmp.Or(p.md5[one.path], p.conffiles[one.path])); err != nil {
					return fmt.Errorf("%s: %w", one.path, err)
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(work)
		for _, one := range entries {
			if !one.mode.IsRegular() || one.size == 0 {
				continue
			}
			select {
			case work <- one:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	return entries, group.Wait()
}

func readEntry(root, path string, d fs.DirEntry) (*entry, error) {
	info, err := d.Info()
	if err != nil {
		return nil, err
	}
	stat, _ := info.Sys().(*syscall.Stat_t)
	one := &entry{path: "/" + strings.TrimPrefix(strings.TrimPrefix(path, root), "/"), mode: info.Mode(), uid: stat.Uid, gid: stat.Gid, size: info.Size()}
	names := make([]byte, 1024)
	n, err := unix.Llistxattr(path, names)
	if err != nil && !errors.Is(err, unix.ENOTSUP) {
		return nil, fmt.Errorf("%s: listing extended attributes: %w", one.path, err)
	}
	for name := range strings.SplitSeq(string(names[:max(n, 0)]), "\x00") {
		switch {
		case strings.HasPrefix(name, "system.posix_acl_"):
			one.hasACL = true
		case name == "security.capability":
			value := make([]byte, 64)
			n, err := unix.Lgetxattr(path, name, value)
			if err != nil {
				return nil, fmt.Errorf("%s: reading its capabilities: %w", one.path, err)
			}
			one.capabilities = capabilities(value[:n])
		}
	}
	return one, nil
}
