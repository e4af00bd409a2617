package bump

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v80/github"
	"github.com/hashicorp/go-retryablehttp"
)

const githubAPI = "https://api.github.com/"

// newGitHub is a client of GitHub's API or its mirror. It tries again what only reads.
func newGitHub(o options, w *web) *github.Client {
	location, _ := o.mirrors.Location(githubAPI)
	base, _ := url.Parse(strings.TrimSuffix(location, "/") + "/") // Location gives URLs only
	retrying := newClient(o, &authorized{next: w.client.HTTPClient.Transport, base: base, token: o.token})
	retrying.CheckRetry = func(ctx context.Context, response *http.Response, err error) (bool, error) {
		reading := response != nil && response.Request.Method == http.MethodGet
		if urlErr, ok := errors.AsType[*url.Error](err); ok {
			reading = urlErr.Op == "Get"
		}
		if !reading || response != nil && response.StatusCode < http.StatusInternalServerError {
			return false, err
		}
		return retryablehttp.DefaultRetryPolicy(ctx, response, err)
	}
	retrying.ErrorHandler = func(response *http.Response, err error, _ int) (*http.Response, error) {
		if err != nil && response != nil {
			response.Body.Close()
			response = nil
		}
		return response, err // the library reads the answer
	}
	client := github.NewClient(&http.Client{Transport: &retryablehttp.RoundTripper{Client: retrying}})
	client.BaseURL = base
	return client
}

// authorized adds the token to requests for GitHub's API itself, and to no other: not where a redirect leads, and not in clear text over a network.
type authorized struct {
	next  http.RoundTripper
	base  *url.URL
	token string
}

func (a *authorized) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Del("Authorization")
	ip := net.ParseIP(request.URL.Hostname())
	private := request.URL.Scheme == "https" || ip != nil && ip.IsLoopback()
	if a.token != "" && private && request.URL.Host == a.base.Host && request.URL.Scheme == a.base.Scheme {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	return a.next.RoundTrip(request)
}

// ask calls GitHub's API. It waits for a rate limit that ends soon, once; any other failure is told in this program's own words.
func (b *bump) ask(ctx context.Context, what string, call func() error) error {
	err := call()
	if until := limitedUntil(err); !until.IsZero() && time.Until(until) <= b.wait {
		b.progress.Printf("GitHub's rate limit is used up: waiting until %s", clock(until))
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(until)):
			err = call()
		}
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if until := limitedUntil(err); !until.IsZero() {
		return fmt.Errorf("asking GitHub for %s: its rate limit is used up until %s; a token in $GITHUB_TOKEN has a higher one", what, clock(until))
	}
	if answer, ok := errors.AsType[*github.ErrorResponse](err); ok {
		if answer.Response.StatusCode == http.StatusNotFound {
			return fmt.Errorf("asking GitHub for %s: %w", what, errAbsent)
		}
		return fmt.Errorf("asking GitHub for %s: %s", what, status(answer.Response))
	}
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		err = urlErr.Err
	}
	return fmt.Errorf("asking GitHub for %s: %w", what, err)
}

// limitedUntil is when GitHub may be asked again; zero when err is no rate limit.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: 403 or 429, with the headers that are read here.
func limitedUntil(err error) time.Time {
	if limit, ok := errors.AsType[*github.RateLimitError](err); ok {
		return limit.Rate.Reset.Add(time.Second) // it has whole seconds
	}
	if limit, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		return time.Now().Add(max(limit.GetRetryAfter(), time.Minute))
	}
	answer, ok := errors.AsType[*github.ErrorResponse](err)
	if !ok || answer.Response.StatusCode != http.StatusTooManyRequests && answer.Response.StatusCode != http.StatusForbidden {
		return time.Time{}
	}
	header := answer.Response.Header
	if seconds, err := strconv.ParseInt(header.Get("Retry-After"), 10, 32); err == nil {
		return time.Now().Add(time.Duration(seconds) * time.Second)
	}
	if reset, err := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64); err == nil && header.Get("X-Ratelimit-Remaining") == "0" {
		return time.Unix(reset, 0).Add(time.Second)
	}
	return time.Time{}
}
