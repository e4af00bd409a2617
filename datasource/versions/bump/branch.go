package bump

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-github/v80/github"
)

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
