package bump

import (
	"context"
	"strings"
	"time"

	"github.com/google/go-github/v80/github"
)

// githubTags lists the tags of a repository that has no releases: https://docs.github.com/en/rest/repos/repos#list-repository-tags.
// Its downloads are the pinned URLs with another version.
func githubTags(ctx context.Context, b *bump, p pin) ([]release, error) {
	repository := p.Update.Settings["repository"]
	owner, name, _ := strings.Cut(repository, "/")
	if err := b.sameName(ctx, owner, name); err != nil {
		return nil, err
	}
	var found []release
	err := b.pages(ctx, "the tags of "+repository, func(options *github.ListOptions) (*github.Response, error) {
		page, response, err := b.github.Repositories.ListTags(ctx, owner, name, options)
		for _, t := range page {
			if tag := versionTag.FindStringSubmatch(t.GetName()); tag != nil {
				found = append(found, release{version: tag[1], notes: notesOf(repository, t.GetName()),
					published: b.committed(owner, name, t.GetCommit().GetSHA()), file: b.renamedFile(p, tag[1])})
			}
		}
		return response, err
	})
	return found, err
}

// committed is the date of a tag's commit, which whoever made the commit has chosen.
func (b *bump) committed(owner, name, sha string) func(context.Context) (time.Time, error) {
	return func(ctx context.Context) (date time.Time, err error) {
		err = b.ask(ctx, "the date of a tag", func() error {
			commit, _, err := b.github.Git.GetCommit(ctx, owner, name, sha)
			date = commit.GetCommitter().GetDate().Time
			return err
		})
		return date, err
	}
}
