package bump

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	attempts     = 4
	maxRedirects = 10 // as net/http has it
)

// final is an answer that another attempt would not change.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// newClient tries again what may be a bad moment: no connection, 5xx, a body that ends early, and 429 when the wait is short.
func newClient(o options, transport http.RoundTripper) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &http.Client{Transport: transport, CheckRedirect: redirect}, RetryMax: attempts - 1,
		RetryWaitMin: o.retryWait, RetryWaitMax: 30 * o.retryWait, Backoff: retryablehttp.DefaultBackoff,
		CheckRetry: func(ctx context.Context, response *http.Response, err error) (bool, error) {
			if until := retryAfter(response); time.Until(until) > o.wait {
				return false, final{fmt.Errorf("%s, to be asked again after %s", status(response), clock(until))}
			}
			if answer, ok := errors.AsType[final](err); ok {
				return false, answer
			}
			return retryablehttp.ErrorPropagatedRetryPolicy(ctx, response, err)
		},
		ErrorHandler: giveUp,
	}
}

// retryAfter is when a busy server wants to be asked again; zero when it does not say.
func retryAfter(response *http.Response) time.Time {
	if response == nil || response.StatusCode != http.StatusTooManyRequests && response.StatusCode != http.StatusServiceUnavailable {
		return time.Time{}
	}
	text := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return time.Now().Add(time.Duration(seconds) * time.Second)
	}
	date, _ := http.ParseTime(text)
	return date
}

// giveUp makes the last error the reason; the URL in it would be that of the last redirect, with its tokens.
func giveUp(response *http.Response, err error, tries int) (*http.Response, error) {
	if response != nil {
		response.Body.Close()
		if _, said := errors.AsType[final](err); !said && response.StatusCode >= http.StatusBadRequest {
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

// redirect follows redirects, but never from https to anything else.
func redirect(request *http.Request, via []*http.Request) error {
	if before := via[len(via)-1].URL; before.Scheme == "https" && request.URL.Scheme != "https" {
		return final{fmt.Errorf("%s redirects to what is not https", before.Host)}
	}
	if len(via) >= maxRedirects {
		return final{fmt.Errorf("more than %d redirects", maxRedirects)}
	}
	return nil
}

// status is the answer's code in this program's own words: those of a server could write anything to a terminal.
func status(response *http.Response) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", response.StatusCode, http.StatusText(response.StatusCode)))
}

// clock is a time as messages have it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
