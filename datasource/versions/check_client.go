package versions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	attempts     = 4
	maxRedirects = 10 // as net/http has it
)

// final is an answer that another attempt would not change.
type final struct{ error }

// client tries again what may be a bad moment: no connection, 5xx, 429, a body that ends early.
func (c *check) client(f pinnedFile, mirrored bool) *retryablehttp.Client {
	client := &retryablehttp.Client{
		HTTPClient: &http.Client{Transport: c.transport}, RetryMax: attempts - 1, RetryWaitMin: c.retryWait, RetryWaitMax: 30 * c.retryWait,
		Backoff: retryablehttp.DefaultBackoff, CheckRetry: tryAgain, ErrorHandler: giveUp,
	}
	client.RequestLogHook = func(_ retryablehttp.Logger, request *http.Request, number int) {
		c.progress.Printf("%s: attempt %d of %d: %s", f, number+1, attempts, request.URL.Redacted())
	}
	if !mirrored {
		client.HTTPClient.CheckRedirect = refuseDowngrade
	}
	return client
}

func tryAgain(ctx context.Context, response *http.Response, err error) (bool, error) {
	if answer, ok := errors.AsType[final](err); ok {
		return false, answer
	}
	return retryablehttp.ErrorPropagatedRetryPolicy(ctx, response, err)
}

// giveUp makes the last error the reason; the URL in it would be that of the last redirect, with its tokens.
func giveUp(response *http.Response, err error, tries int) (*http.Response, error) {
	if response != nil {
		response.Body.Close()
		if response.StatusCode >= http.StatusBadRequest {
			err = errors.New(status(response))
		}
	}
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		err = urlErr.Err
	}
	if tries > 1 {
		err = fmt.Errorf("%w, after %d attempts", err, tries)
	}
	return nil, err
}

// refuseDowngrade follows redirects, but not from https to http: only a mirror of one's own may be without TLS.
func refuseDowngrade(request *http.Request, via []*http.Request) error {
	if before := via[len(via)-1].URL; before.Scheme == "https" && request.URL.Scheme != "https" {
		return final{fmt.Errorf("%s redirects to %s://%s, which is not https", before.Host, request.URL.Scheme, request.URL.Host)}
	}
	if len(via) >= maxRedirects {
		return final{fmt.Errorf("more than %d redirects", maxRedirects)}
	}
	return nil
}
