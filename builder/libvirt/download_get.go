package libvirt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// get downloads into a partial file, which the next build continues; it gets its name when it is verified.
func (d download) get(ctx context.Context) error {
	partial := d.cached + ".partial"
	if d.checksum == "none" { // what is there may be part of another file
		if err := removeFiles("", partial); err != nil {
			return err
		}
	}
	continued := exists(partial)
	err := d.getVerified(ctx, partial)
	if errors.Is(err, errMismatch) && continued {
		d.ui.Say(fmt.Sprintf("%s: what was left of an earlier download did not fit; starting anew", d.name))
		err = d.getVerified(ctx, partial)
	}
	if err != nil {
		return err
	}
	if d.inspect != nil {
		if err := d.inspect(ctx, partial); err != nil {
			return errors.Join(fmt.Errorf("%w; the download is removed again; pin another release, and tell the publisher", err), removeFiles("", partial))
		}
	}
	if err := os.Chmod(partial, 0o644); err != nil { // it is public, whatever the umask says
		return err
	}
	return os.Rename(partial, d.cached)
}

// getVerified leaves only what is right, or could be continued.
func (d download) getVerified(ctx context.Context, partial string) error {
	if err := d.transfer(ctx, partial); err != nil {
		return err
	}
	err := verifyFile(partial, d.checksum)
	if errors.Is(err, errMismatch) {
		return errors.Join(fmt.Errorf("%w; the download is removed again; correct the checksum if the publisher confirms the other", err), removeFiles("", partial))
	}
	return err
}

// attemptPause keeps a server that cuts every connection from being asked a thousand times in a second.
const attemptPause = time.Second

// transfer goes on where the connection was cut, as long as each attempt brings something.
func (d download) transfer(ctx context.Context, partial string) error {
	for have := sizeOf(partial); ; {
		err := d.request(ctx, partial)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("downloading: %w", context.Cause(ctx))
		}
		if local, ok := errors.AsType[*fs.PathError](err); ok {
			return errors.Join(fmt.Errorf("cache_directory: writing the download: %w; what is there of it is kept", local), removeEmpty(partial))
		}
		if sizeOf(partial) <= have {
			return errors.Join(fmt.Errorf("downloading: %w; %s", err, d.advice()), removeEmpty(partial))
		}
		have = sizeOf(partial)
		d.ui.Say(fmt.Sprintf("%s: the connection was cut after %d KiB (%v); going on", d.name, have>>10, err))
		select {
		case <-ctx.Done():
		case <-time.After(attemptPause):
		}
	}
}

// removeEmpty removes what go-getter makes before it asks.
func removeEmpty(path string) error {
	if sizeOf(path) > 0 {
		return nil
	}
	return removeFiles("", path)
}

// sizeOf returns 0 for a file that is not there.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
