package libvirt

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	getter "github.com/hashicorp/go-getter/v2"
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
			return errors.Join(fmt.Errorf("%w; the download is removed again", err), removeFiles("", partial))
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
		if sizeOf(partial) <= have {
			return errors.Join(fmt.Errorf("downloading: %w; %s", err, d.advice()), removeEmpty(partial))
		}
		have = sizeOf(partial)
		d.ui.Say(fmt.Sprintf("%s: the connection was cut after %d KiB (%v); going on", d.name, have>>10, err))
	}
}

// request is one attempt. User and password of the URL go into the header, so that no message can show them.
func (d download) request(ctx context.Context, partial string) error {
	location, err := url.Parse(d.from)
	if err != nil {
		return errors.New("its URL cannot be read")
	}
	web := &getter.HttpGetter{Netrc: true, XTerraformGetDisabled: true}
	if password, _ := location.User.Password(); location.User != nil {
		request := http.Request{Header: http.Header{}}
		request.SetBasicAuth(location.User.Username(), password)
		location.User, web.Header = nil, request.Header
	}
	client := getter.Client{Getters: []getter.Getter{web}, DisableSymlinks: true, Decompressors: map[string]getter.Decompressor{}}
	_, err = client.Get(ctx, &getter.Request{Src: location.String(), Dst: partial, GetMode: getter.ModeFile, ProgressListener: d.ui})
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err // without the URL, whose query may have a token
	}
	return err
}

// advice is for whoever cannot get through to the publisher, or to the mirror.
func (d download) advice() string {
	if d.from != d.url {
		return "look at mirrors, which says where to download from"
	}
	return d.hint
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
