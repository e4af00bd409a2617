package libvirt

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	getter "github.com/hashicorp/go-getter/v2"
)

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
