package bump

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// forge is the repository ingot/images on GitHub: branches, commits and trees of one file, and pull requests, with the requests and
// answers of https://docs.github.com/en/rest/git and https://docs.github.com/en/rest/pulls/pulls.
type forge struct {
	heads   map[string]string      // branch to commit
	commits map[string]forgeCommit // by SHA
	trees   map[string]string      // by SHA: versions.yaml
	pulls   []forgePull
	writes  []string // what was asked to change
}

type forgeCommit struct{ message, tree, parent string }

type forgePull struct {
	Number   int            `json:"number"`
	Title    string         `json:"title"`
	Body     string         `json:"body"`
	State    string         `json:"state"`
	Head     map[string]any `json:"head"`
	Base     map[string]any `json:"base"`
	MergedAt *string        `json:"merged_at"`
}

// newForge has one commit on main, with text as versions.yaml.
func newForge(p *publishers, text string) *forge {
	f := &forge{heads: map[string]string{}, commits: map[string]forgeCommit{}, trees: map[string]string{}}
	f.commit("main", "the first", text)
	at := "api.github.com/repos/ingot/images/"
	p.answers[at+"contents/versions.yaml"] = f.contents
	p.answers[at+"git/trees"] = f.makeTree
	p.answers[at+"git/commits"] = f.makeCommit
	p.answers[at+"git/refs"] = f.makeRef
	p.answers[at+"pulls"] = f.listOrOpen
	p.Config.Handler = f.others(at, p.Config.Handler)
	return f
}

// commit makes a commit on a branch, as a person does.
func (f *forge) commit(branch, message, text string) string {
	tree, sha := f.tree(text), fmt.Sprintf("commit%d", len(f.commits))
	f.commits[sha] = forgeCommit{message, tree, f.heads[branch]}
	f.heads[branch] = sha
	return sha
}

func (f *forge) tree(text string) string {
	sha := "tree" + sum256(text)[:8]
	f.trees[sha] = text
	return sha
}

// text is versions.yaml of a branch.
func (f *forge) text(branch string) string { return f.trees[f.commits[f.heads[branch]].tree] }

// others answers where the path has a name in it.
func (f *forge) others(at string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := next
		switch path := strings.TrimPrefix(r.URL.Path, "/"+at); {
		case strings.HasPrefix(path, "git/ref/heads/"):
			next = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { f.ref(w, strings.TrimPrefix(path, "git/ref/heads/")) })
		case strings.HasPrefix(path, "git/refs/heads/") && r.Method == http.MethodPatch:
			next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f.moveRef(w, r, strings.TrimPrefix(path, "git/refs/heads/"))
			})
		case strings.HasPrefix(path, "git/commits/"):
			next = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				f.showCommit(w, strings.TrimPrefix(path, "git/commits/"))
			})
		case strings.HasPrefix(path, "pulls/"):
			next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.edit(w, r, strings.TrimPrefix(path, "pulls/")) })
		}
		if r.Method != http.MethodGet && strings.HasPrefix(r.URL.Path, "/"+at) {
			f.writes = append(f.writes, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/"+at))
		}
		if r.Header.Get("Authorization") != "Bearer secret-token" && strings.HasPrefix(r.URL.Path, "/"+at) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (f *forge) ref(w http.ResponseWriter, branch string) {
	sha, ok := f.heads[branch]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		writeJSON(w, map[string]string{"message": "Not Found"})
		return
	}
	writeJSON(w, map[string]any{"ref": "refs/heads/" + branch, "object": map[string]string{"type": "commit", "sha": sha}})
}

func (f *forge) showCommit(w http.ResponseWriter, sha string) {
	c := f.commits[sha]
	writeJSON(w, map[string]any{"sha": sha, "message": c.message, "tree": map[string]string{"sha": c.tree}, "parents": []map[string]string{{"sha": c.parent}}})
}

func (f *forge) contents(w http.ResponseWriter, r *http.Request) {
	text := f.trees[f.commits[r.URL.Query().Get("ref")].tree]
	writeJSON(w, map[string]any{"type": "file", "encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte(text))})
}

func (f *forge) makeTree(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		BaseTree string `json:"base_tree"`
		Tree     []struct{ Path, Mode, Type, Content string }
	}
	json.NewDecoder(r.Body).Decode(&asked)
	if len(asked.Tree) != 1 || asked.Tree[0].Path != "versions.yaml" || asked.Tree[0].Mode != "100644" || f.trees[asked.BaseTree] == "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusCreated)
	writeJSON(w, map[string]string{"sha": f.tree(asked.Tree[0].Content)})
}

func (f *forge) makeCommit(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Message, Tree string
		Parents       []string
	}
	json.NewDecoder(r.Body).Decode(&asked)
	sha := fmt.Sprintf("commit%d", len(f.commits))
	f.commits[sha] = forgeCommit{asked.Message, asked.Tree, strings.Join(asked.Parents, " ")}
	w.WriteHeader(http.StatusCreated)
	writeJSON(w, map[string]string{"sha": sha})
}

func (f *forge) makeRef(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Ref, SHA string }
	json.NewDecoder(r.Body).Decode(&asked)
	f.heads[strings.TrimPrefix(asked.Ref, "refs/heads/")] = asked.SHA
	w.WriteHeader(http.StatusCreated)
	writeJSON(w, map[string]string{"ref": asked.Ref})
}

func (f *forge) moveRef(w http.ResponseWriter, r *http.Request, branch string) {
	var asked struct {
		SHA   string
		Force bool
	}
	json.NewDecoder(r.Body).Decode(&asked)
	if !asked.Force && f.commits[asked.SHA].parent != f.heads[branch] {
		w.WriteHeader(http.StatusUnprocessableEntity) // not a fast forward
		return
	}
	f.heads[branch] = asked.SHA
	writeJSON(w, map[string]string{"ref": "refs/heads/" + branch})
}

func (f *forge) listOrOpen(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		found := []forgePull{}
		for _, pull := range f.pulls {
			if "ingot:"+pull.Head["ref"].(string) == r.URL.Query().Get("head") {
				found = append(found, pull)
			}
		}
		writeJSON(w, found)
		return
	}
	var asked struct{ Title, Head, Base, Body string }
	json.NewDecoder(r.Body).Decode(&asked)
	if f.heads[asked.Head] == "" || f.heads[asked.Base] == "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	f.pulls = append(f.pulls, forgePull{len(f.pulls) + 1, asked.Title, asked.Body, "open", map[string]any{"ref": asked.Head}, map[string]any{"ref": asked.Base}, nil})
	w.WriteHeader(http.StatusCreated)
	writeJSON(w, f.pulls[len(f.pulls)-1])
}

func (f *forge) edit(w http.ResponseWriter, r *http.Request, number string) {
	var asked struct{ Title, Body string }
	json.NewDecoder(r.Body).Decode(&asked)
	for i := range f.pulls {
		if fmt.Sprint(f.pulls[i].Number) == number {
			f.pulls[i].Title, f.pulls[i].Body = asked.Title, asked.Body
			writeJSON(w, f.pulls[i])
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}
