package bump

import (
	"context"
	"fmt"

	"github.com/google/go-github/v80/github"
)

// trailer marks our commits: a branch whose last commit has no such line is somebody's work, and is left alone.
const trailer = "Made-by: packer-plugin-ingot bump"

// repository is the one that gets the pull requests, by GitHub's API alone: https://docs.github.com/en/rest/git.
type repository struct {
	b           *bump
	owner, name string
	path        string // of versions.yaml in it
	base        *github.Commit
	content     []byte // of versions.yaml in base
}

// read finds the commit of the base branch, and versions.yaml in it.
func (r *repository) read(ctx context.Context) error {
	git, what := r.b.github.Git, fmt.Sprintf("branch %s of %s", r.b.base, r.b.repository)
	return r.b.ask(ctx, what, func() error {
		ref, _, err := git.GetRef(ctx, r.owner, r.name, "heads/"+r.b.base)
		if err != nil {
			return err
		}
		if r.base, _, err = git.GetCommit(ctx, r.owner, r.name, ref.GetObject().GetSHA()); err != nil {
			return err
		}
		options := &github.RepositoryContentGetOptions{Ref: r.base.GetSHA()}
		file, _, _, err := r.b.github.Repositories.GetContents(ctx, r.owner, r.name, r.path, options)
		if err != nil {
			return err
		}
		text, err := file.GetContent()
		r.content = []byte(text)
		return err
	})
}

// pullRequests are the open one of the proposal's branch, and one with the same title that was closed without a merge.
func (r *repository) pullRequests(ctx context.Context, p proposal) (open, closed *github.PullRequest, err error) {
	var all []*github.PullRequest
	options := &github.PullRequestListOptions{State: "all", Head: r.owner + ":" + p.branch, Base: r.b.base, ListOptions: github.ListOptions{PerPage: perPage}}
	err = r.b.ask(ctx, "the pull requests of "+p.branch, func() (err error) {
		all, _, err = r.b.github.PullRequests.List(ctx, r.owner, r.name, options)
		return err
	})
	for _, request := range all {
		switch {
		case request.GetHead().GetRef() != p.branch:
		case request.GetState() == "open":
			open = request
		case request.MergedAt == nil && request.GetTitle() == p.title:
			closed = request
		}
	}
	return open, closed, err
}
