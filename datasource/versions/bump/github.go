package bump

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

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
