package bump

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v80/github"
)

// sameName: a repository with another name than the pinned one was renamed or given away; a person has to confirm that.
func (b *bump) sameName(ctx context.Context, owner, name string) error {
	var got *github.Repository
	err := b.ask(ctx, owner+"/"+name, func() (err error) {
		got, _, err = b.github.Repositories.Get(ctx, owner, name)
		return err
	})
	if err == nil && !strings.EqualFold(got.GetFullName(), owner+"/"+name) {
		return fmt.Errorf("update.repository: %s/%s is called %q now: see whether it is still the same publisher, and write the new name and URLs",
			owner, name, got.GetFullName())
	}
	return err
}

// pages calls list for one page after the other.
func (b *bump) pages(ctx context.Context, what string, list func(*github.ListOptions) (*github.Response, error)) error {
	options := &github.ListOptions{PerPage: perPage}
	for range maxPages {
		var response *github.Response
		err := b.ask(ctx, what, func() (err error) {
			response, err = list(options)
			return err
		})
		if err != nil || response.NextPage <= options.Page {
			return err
		}
		options.Page = response.NextPage
	}
	return nil
}
