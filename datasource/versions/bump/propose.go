package bump

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/google/go-github/v80/github"
)

// proposal is one pull request.
type proposal struct {
	branch, title, body string
	content             []byte
}

// propose opens or updates the pull requests, one for each pin or one for all.
func (b *bump) propose(ctx context.Context, text []byte, results results, out io.Writer) error {
	owner, name, _ := strings.Cut(b.repository, "/")
	onto := repository{b: b, owner: owner, name: name, path: filepath.ToSlash(b.file)}
	if err := onto.read(ctx); err != nil {
		return err
	}
	if !bytes.Equal(onto.content, text) {
		return fmt.Errorf("%s is not what branch %s of %s has: check that branch out first", b.file, b.base, b.repository)
	}
	proposals, err := b.proposals(text, results)
	errs := []error{err}
	for _, p := range proposals {
		said, err := onto.open(ctx, p)
		if err != nil {
			errs = append(errs, fmt.Errorf("pull request %q: %w", p.title, err))
			continue
		}
		fmt.Fprintf(out, "%s: %s\n", p.title, said)
	}
	return errors.Join(errs...)
}

// proposals are the pull requests that there should be. A pin whose update cannot be written leaves the others theirs.
func (b *bump) proposals(text []byte, results results) (made []proposal, err error) {
	groups := [][]result{results.updates()}
	if b.pullRequest == "each" {
		groups = nil
		for _, r := range results.updates() {
			groups = append(groups, []result{r})
		}
	}
	var errs []error
	for _, group := range groups {
		content, err := rewrite(b.file, text, group)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		p := proposal{branch: b.branch + "all", title: fmt.Sprintf("Bump %d pins", len(group)), content: content}
		if b.pullRequest == "each" {
			p.branch = b.branch + group[0].name
		}
		if len(group) == 1 {
			p.title = "Bump " + group[0].String()
		}
		p.body = body(group, results, b.coolDown)
		made = append(made, p)
	}
	return made, errors.Join(errs...)
}

// open makes the proposal's branch and pull request, or brings those that there are up to date. One that somebody closed is not opened again.
func (r *repository) open(ctx context.Context, p proposal) (said string, err error) {
	existing, closed, err := r.pullRequests(ctx, p)
	if err != nil {
		return "", err
	}
	if existing == nil && closed != nil {
		return fmt.Sprintf("pull request %d was closed: not opened again", closed.GetNumber()), nil
	}
	if err := r.push(ctx, p); err != nil {
		return "", err
	}
	request := &github.PullRequest{Title: &p.title, Body: &p.body}
	if existing == nil {
		err = r.b.ask(ctx, "a new pull request", func() (err error) {
			existing, _, err = r.b.github.PullRequests.Create(ctx, r.owner, r.name, &github.NewPullRequest{
				Title: &p.title, Head: &p.branch, Base: &r.b.base, Body: &p.body, MaintainerCanModify: github.Ptr(true)})
			return err
		})
		return fmt.Sprintf("pull request %d opened", existing.GetNumber()), err
	}
	if existing.GetTitle() == p.title && existing.GetBody() == p.body {
		return fmt.Sprintf("pull request %d is up to date", existing.GetNumber()), nil
	}
	err = r.b.ask(ctx, "a change of a pull request", func() (err error) {
		_, _, err = r.b.github.PullRequests.Edit(ctx, r.owner, r.name, existing.GetNumber(), request)
		return err
	})
	return fmt.Sprintf("pull request %d updated", existing.GetNumber()), err
}
