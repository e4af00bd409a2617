package bump

import (
	"context"
	"regexp"
	"strings"

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
					published: assets.published(r.PublishedAt), file: assets.file})
			}
		}
		return response, err
	})
	return found, err
}

func notesOf(repository, tag string) string {
	return "https://github.com/" + repository + "/releases/tag/" + tag
}
