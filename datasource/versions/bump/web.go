package bump

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// maxIndex is the largest list of releases that is read, in bytes: some times what the largest publisher has.
const maxIndex = 64 << 20

// web asks publishers. It has no secrets to tell.
type web struct {
	mirrors  versions.Mirrors
	client   *retryablehttp.Client
	progress *log.Logger
}

func newWeb(o options, progress *log.Logger) *web {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // or an archive that a server calls gzip-encoded would arrive unpacked
	return &web{mirrors: o.mirrors, client: newClient(o, transport), progress: progress}
}

// errAbsent is an answer of 404 or 410.
var errAbsent = errors.New("404 Not Found")

// do sends a request, with retries, and hands a good answer to read, which takes part in the retries.
func (w *web) do(ctx context.Context, method, url string, read func(*http.Response) error) error {
	location, _ := w.mirrors.Location(url)
	request, err := retryablehttp.NewRequestWithContext(ctx, method, location, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	request.SetResponseHandler(func(response *http.Response) error {
		defer response.Body.Close()
		switch response.StatusCode {
		case http.StatusOK:
			return read(response)
		case http.StatusNotFound, http.StatusGone:
			return final{errAbsent}
		}
		return final{errors.New(status(response))}
	})
	if _, err = w.client.Do(request); err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	return nil
}

// read is the content of a list of releases, checksums or keys.
func (w *web) read(ctx context.Context, url string) (content []byte, err error) {
	err = w.do(ctx, http.MethodGet, url, func(response *http.Response) (err error) {
		content, err = io.ReadAll(io.LimitReader(response.Body, maxIndex+1))
		if len(content) > maxIndex {
			return final{fmt.Errorf("has more than %d bytes", maxIndex)}
		}
		return err
	})
	return content, err
}

// lastModified is the date of a file as its server has it.
func (w *web) lastModified(ctx context.Context, url string) (date time.Time, err error) {
	err = w.do(ctx, http.MethodHead, url, func(response *http.Response) (err error) {
		if date, err = http.ParseTime(response.Header.Get("Last-Modified")); err != nil {
			return final{errors.New("the server does not say when it was last modified")}
		}
		return nil
	})
	return date, err
}

// hash downloads a file, and keeps its checksum and size in bytes only.
func (w *web) hash(ctx context.Context, url, algorithm string) (checksum string, size int64, err error) {
	w.progress.Printf("downloading %s for its checksum", url)
	err = w.do(ctx, http.MethodGet, url, func(response *http.Response) (err error) {
		digest := newDigest(algorithm)
		size, err = io.Copy(digest, response.Body)
		checksum = algorithm + ":" + hex.EncodeToString(digest.Sum(nil))
		return err
	})
	return checksum, size, err
}

func newDigest(algorithm string) hash.Hash {
	if algorithm == "sha512" {
		return sha512.New()
	}
	return sha256.New()
}

func sumOf(algorithm string, content []byte) string {
	digest := newDigest(algorithm)
	digest.Write(content)
	return algorithm + ":" + hex.EncodeToString(digest.Sum(nil))
}
