package bump

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// push makes the branch one commit on top of the base.
func (r *repository) push(ctx context.Context, p proposal) error {
	head, err := r.head(ctx, p.branch)
	if err != nil {
		return err
	}
	message := p.title + "\n\n" + trailer + "\n"
	tree, err := r.tree(ctx, p)
	if err != nil {
		return err
	}
	if head != nil {
		if !strings.Contains(head.GetMessage(), trailer) {
			return fmt.Errorf("the last commit of branch %s is not ours: left as it is", p.branch)
		}
		if head.GetTree().GetSHA() == tree && len(head.Parents) == 1 && head.Parents[0].GetSHA() == r.base.GetSHA() {
			return nil
		}
	}
	git := r.b.github.Git
	return r.b.ask(ctx, "a commit on "+p.branch, func() error {
		commit, _, err := git.CreateCommit(ctx, r.owner, r.name, github.Commit{
			Message: &message, Tree: &github.Tree{SHA: &tree}, Parents: []*github.Commit{{SHA: r.base.SHA}}}, nil)
		if err != nil {
			return err
		}
		if head == nil {
			_, _, err = git.CreateRef(ctx, r.owner, r.name, github.CreateRef{Ref: "refs/heads/" + p.branch, SHA: commit.GetSHA()})
		} else {
			_, _, err = git.UpdateRef(ctx, r.owner, r.name, "heads/"+p.branch, github.UpdateRef{SHA: commit.GetSHA(), Force: github.Ptr(true)})
		}
		return err
	})
}

// head is the last commit of a branch, or nil when there is no such branch.
func (r *repository) head(ctx context.Context, branch string) (commit *github.Commit, err error) {
	err = r.b.ask(ctx, "branch "+branch, func() error {
		ref, _, err := r.b.github.Git.GetRef(ctx, r.owner, r.name, "heads/"+branch)
		if err == nil {
			commit, _, err = r.b.github.Git.GetCommit(ctx, r.owner, r.name, ref.GetObject().GetSHA())
		}
		return err
	})
	if errors.Is(err, errAbsent) {
		return nil, nil
	}
	return commit, err
}

// tree is the base's tree with the new versions.yaml.
func (r *repository) tree(ctx context.Context, p proposal) (sha string, err error) {
	entry := &github.TreeEntry{Path: &r.path, Mode: github.Ptr("100644"), Type: github.Ptr("blob"), Content: github.Ptr(string(p.content))}
	err = r.b.ask(ctx, "a tree for "+p.branch, func() error {
		tree, _, err := r.b.github.Git.CreateTree(ctx, r.owner, r.name, r.base.GetTree().GetSHA(), []*github.TreeEntry{entry})
		sha = tree.GetSHA()
		return err
	})
	return sha, err
}
