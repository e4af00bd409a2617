package bump

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The JSON of https://docs.github.com/en/rest/releases/releases#list-releases, as much of it as anybody reads.
type (
	jsonRelease struct {
		Tag         string      `json:"tag_name"`
		Draft       bool        `json:"draft"`
		PreRelease  bool        `json:"prerelease"`
		PublishedAt *time.Time  `json:"published_at"`
		HTMLURL     string      `json:"html_url"`
		Assets      []jsonAsset `json:"assets"`
	}
	jsonAsset struct {
		Name    string    `json:"name"`
		State   string    `json:"state"`
		Size    int       `json:"size"`
		Updated time.Time `json:"updated_at"`
		Digest  *string   `json:"digest"` // null for assets from before June 2025
		URL     string    `json:"browser_download_url"`
	}
)

// published is a release of ten days ago with assets of these names, which GitHub has digests of.
func published(repository, tag string, names ...string) jsonRelease {
	date := daysAgo(10)
	r := jsonRelease{Tag: tag, PublishedAt: &date, HTMLURL: "https://github.com/" + repository + "/releases/tag/" + tag}
	for _, name := range names {
		digest := "sha256:" + sum256(name)
		r.Assets = append(r.Assets, jsonAsset{name, "uploaded", len(content(name)), date, &digest, "https://github.com/" + repository + "/releases/download/" + tag + "/" + name})
	}
	return r
}

func (r jsonRelease) on(date time.Time) jsonRelease {
	r.PublishedAt = &date
	return r
}

// change is r with another first asset.
func (r jsonRelease) change(change func(*jsonAsset)) jsonRelease {
	r.Assets = append([]jsonAsset(nil), r.Assets...)
	change(&r.Assets[0])
	return r
}

// withoutDigests is r as GitHub shows older releases.
func (r jsonRelease) withoutDigests() jsonRelease {
	r.Assets = append([]jsonAsset(nil), r.Assets...)
	for i := range r.Assets {
		r.Assets[i].Digest = nil
	}
	return r
}

// repository answers for one repository: itself, its releases a page at a time, and its assets, which GitHub redirects to a storage of its own.
func (p *publishers) repository(name string, pageSize int, releases ...jsonRelease) {
	p.json("api.github.com/repos/"+name, map[string]any{"full_name": name})
	p.paged("api.github.com/repos/"+name+"/releases", pageSize, len(releases), func(from, to int) any { return releases[from:to] })
	for _, r := range releases {
		for _, asset := range r.Assets {
			storage := "release-assets.githubusercontent.com/" + asset.Name
			if p.answers[storage] == nil {
				p.text(storage, content(asset.Name))
			}
			p.answers[strings.TrimPrefix(asset.URL, "https://")] = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, p.URL+"/"+storage+"?signature=of-the-storage", http.StatusFound)
			}
		}
	}
}

// paged answers with pages and the header Link: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api.
func (p *publishers) paged(at string, size, all int, items func(from, to int) any) {
	p.answers[at] = func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page = max(page, 1)
		from, to := min(all, (page-1)*size), min(all, page*size)
		if to < all {
			w.Header().Set("Link", fmt.Sprintf(`<%s/%s?page=%d>; rel="next"`, p.URL, at, page+1))
		}
		writeJSON(w, items(from, to))
	}
}
