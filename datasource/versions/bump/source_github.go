package bump

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-github/v80/github"
)

const (
	perPage  = 100 // GitHub's maximum
	maxPages = 10
)

// versionTag is a tag that names a version and nothing else: others (nightly, api/v1.2.3, what a shell or a terminal would take as more
// than text) are no releases of the pinned kind.
var versionTag = regexp.MustCompile(`^v?([0-9]+(\.[0-9]+)+[0-9A-Za-z.+~-]*)$`)

// githubReleases lists the releases of a repository: https://docs.github.com/en/rest/releases/releases#list-releases.
func githubReleases(ctx context.Context, b *bump, p pin) ([]release, error) {
	repository := p.Update.Settings["repository"]
	owner, name, _ := strings.Cut(repository, "/")
	if err := b.sameName(ctx, owner, name); err != nil {
		return nil, err
	}
	var found []release
	err := b.pages(ctx, "the releases of "+repository, func(options *github.ListOptions) (*github.Response, error) {
		page, response, err := b.github.Repositories.ListReleases(ctx, owner, name, options)
		for _, r := range page {
			if tag := versionTag.FindStringSubmatch(r.GetTagName()); tag != nil && !r.GetDraft() {
				assets := assets{b, p, repository, r.GetTagName(), tag[1], r.Assets}
				found = append(found, release{version: tag[1], preRelease: r.GetPrerelease(), notes: notesOf(repository, r.GetTagName()),
					published: publishedAt(r.PublishedAt), file: assets.file})
			}
		}
		return response, err
	})
	return found, err
}

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

func publishedAt(date *github.Timestamp) func(context.Context) (time.Time, error) {
	return func(context.Context) (time.Time, error) {
		if date == nil {
			return time.Time{}, fmt.Errorf("GitHub does not say")
		}
		return date.Time, nil
	}
}

func notesOf(repository, tag string) string {
	return "https://github.com/" + repository + "/releases/tag/" + tag
}
