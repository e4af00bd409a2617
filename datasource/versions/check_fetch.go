package versions

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// tellEach is how often progress speaks of a file that takes long.
const tellEach = 10 * time.Second

// fetch downloads the file and keeps its checksum only. It returns how many bytes came, and why it is not the pinned file.
func (c *check) fetch(ctx context.Context, f pinnedFile) (size int64, err error) {
	limited, cancel := context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("not complete within %s (-timeout)", c.timeout))
	defer cancel()
	location, mirrored := c.mirrors.Location(f.URL)
	request, err := retryablehttp.NewRequestWithContext(limited, http.MethodGet, location, nil)
	if err != nil {
		return 0, fmt.Errorf("unreachable: %w", err)
	}
	var got string
	request.SetResponseHandler(func(response *http.Response) (err error) {
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return final{errors.New(status(response))}
		}
		size, got, err = c.read(response, f)
		return err
	})
	_, err = c.client(f, mirrored).Do(request)
	switch {
	case err != nil && ctx.Err() != nil:
		return size, fmt.Errorf("not checked: %w", context.Cause(ctx))
	case err != nil && limited.Err() != nil:
		return size, fmt.Errorf("unreachable: %w", context.Cause(limited))
	case err != nil:
		return size, fmt.Errorf("unreachable: %w", err)
	case got != f.Checksum:
		return size, fmt.Errorf("MISMATCH want %s got %s", f.Checksum, got)
	}
	return size, nil
}

// status is the answer's code in this program's own words: those of a server could write anything to a terminal.
func status(response *http.Response) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", response.StatusCode, http.StatusText(response.StatusCode)))
}

// read takes in the body and returns its length and checksum, in the algorithm of the pin's.
func (c *check) read(response *http.Response, f pinnedFile) (size int64, checksum string, err error) {
	algorithm, _, _ := strings.Cut(f.Checksum, ":")
	digest := sha256.New()
	if algorithm == "sha512" {
		digest = sha512.New()
	}
	size, err = io.Copy(digest, &toldReader{Reader: response.Body, told: time.Now(), tell: func(size int64) {
		c.progress.Printf("%s: %d MiB so far", f, size>>20)
	}})
	return size, algorithm + ":" + hex.EncodeToString(digest.Sum(nil)), err
}

// toldReader tells how far it is, now and then.
type toldReader struct {
	io.Reader
	size int64
	told time.Time
	tell func(size int64)
}

func (r *toldReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.size += int64(n)
	if time.Since(r.told) > tellEach {
		r.told = time.Now()
		r.tell(r.size)
	}
	return n, err
}
