package bump

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/go-github/v80/github"
)

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
