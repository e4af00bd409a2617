package libvirt

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// day is by how much the layers below differ in their last use.
const day = 24 * time.Hour

// TestPrune has, under source and packages: tools, and nvidia on it, used today; monitoring, and an image of it, used long ago.
func TestPrune(t *testing.T) {
	size := func(s layerStore, t *testing.T) (total int64) {
		layers, _, err := s.all()
		must(t, err)
		for _, l := range layers {
			total += l.Size
		}
		return total
	}
	for name, c := range map[string]struct {
		limits func(total, one int64) cacheLimits
		left   string
	}{
		"within the limits": {func(total, _ int64) cacheLimits { return cacheLimits{size: total, age: 30 * day} }, "image monitoring nvidia packages source tools"},
		"no limits":         {func(_, _ int64) cacheLimits { return cacheLimits{} }, "image monitoring nvidia packages source tools"},
		"one byte too much": {func(total, _ int64) cacheLimits { return cacheLimits{size: total - 1} }, "monitoring nvidia packages source tools"},
		"two too much":      {func(total, one int64) cacheLimits { return cacheLimits{size: total - one - 1} }, "nvidia packages source tools"},
		"half":              {func(_, one int64) cacheLimits { return cacheLimits{size: 2*one + one/2} }, "packages source"},
		"age":               {func(_, _ int64) cacheLimits { return cacheLimits{age: 5 * day} }, "nvidia packages source tools"},
		"a kept child":      {func(_, _ int64) cacheLimits { return cacheLimits{age: 12 * time.Hour} }, "nvidia packages source tools"},
		"all":               {func(_, _ int64) cacheLimits { return cacheLimits{all: true} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, digests := built(t)
			monitoring := testDigests("packages", "monitoring")[2]
			publishTestImage(t, s, monitoring, "console")
			s.age(t, digestOf(monitoring.Digest, "image"), 20*day)
			s.age(t, monitoring.Digest, 10*day)
			for _, d := range digests[:3] { // older than what stands on them, as touch never makes it
				s.age(t, d.Digest, day)
			}
			one, err := s.load(monitoring.Digest)
			must(t, err)
			var dry, said lines
			limits := c.limits(size(s, t), one.Size)
			limits.dry = true
			must(t, s.prune(t.Context(), limits, dry.say))
			if len(s.dataFiles()) != 6 {
				t.Fatal("the dry run removed something")
			}
			limits.dry = false
			must(t, s.prune(t.Context(), limits, said.say))
			if got := published(t, s); got != c.left {
				t.Errorf("left: %s, want %s", got, c.left)
			}
			if files := s.dataFiles(); len(files) != len(strings.Fields(c.left)) || len(said) != 6-len(files) {
				t.Errorf("left: %v, said\n%s", files, said)
			}
			if strings.ReplaceAll(dry.String(), "would remove ", "removed ") != said.String() {
				t.Errorf("the dry run said\n%s\ninstead of\n%s", dry, said)
			}
		})
	}
}

// published are the titles of what is published.
func published(t *testing.T, s layerStore) string {
	layers, broken, err := s.all()
	must(t, err)
	if len(broken)+len(s.unsound(layers)) > 0 {
		t.Errorf("broken: %v %v", broken, s.unsound(layers))
	}
	var titles []string
	for _, l := range layers {
		titles = append(titles, strings.TrimSuffix(l.title(), " image"))
	}
	slices.Sort(titles)
	return strings.Join(titles, " ")
}

// TestPruneLeavesWhatIsHeld: a build in another process has a chain; the build dies.
func TestPruneLeavesWhatIsHeld(t *testing.T) {
	for name, end := range map[string]func(*worker, *testing.T){
		"done": func(w *worker, t *testing.T) {
			if line := w.goOn(t); line != "true" {
				t.Errorf("the top of its chain is there: %s", line)
			}
		},
		"killed": func(w *worker, t *testing.T) { w.kill(t) },
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := built(t)
			w, chain := startWorker(t, s, "hold", "packages tools")
			if chain != "source packages tools" {
				t.Fatalf("the other build has %s", chain)
			}
			var said lines
			must(t, s.prune(t.Context(), cacheLimits{all: true}, said.say))
			if got := published(t, s); got != "packages source tools" || len(s.dataFiles()) != 3 {
				t.Errorf("while it runs: %s, said\n%s", got, said)
			}
			end(w, t)
			must(t, s.prune(t.Context(), cacheLimits{all: true}, said.say))
			if got := published(t, s); got != "" || len(s.dataFiles()) != 0 || len(said) != 5 {
				t.Errorf("after it: %s, said\n%s", got, said)
			}
		})
	}
}

// TestPruneRemovesWhatIsBroken, and what a crash while a description was written has left.
func TestPruneRemovesWhatIsBroken(t *testing.T) {
	s, digests := built(t)
	must(t, os.Truncate(s.jsonPath(digests[2].Digest), 10))
	must(t, os.WriteFile(s.jsonPath(digests[1].Digest)+".partial", []byte(`{"digest":`), 0o600))
	write(t, filepath.Join(s.directory, "notes.txt"), "of a person")
	var said lines
	must(t, s.prune(t.Context(), cacheLimits{}, said.say))
	if got := published(t, s); got != "monitoring packages source" || len(s.dataFiles()) != 3 {
		t.Errorf("left: %s, %v, said\n%s", got, s.dataFiles(), said)
	}
	entries, _ := os.ReadDir(s.directory)
	if len(entries) != 3+3+2 || !exists(s.path("notes.txt")) {
		t.Errorf("entries: %v", entries)
	}
}

// TestUseCounts: what is used, and what it stands on, goes last.
func TestUseCounts(t *testing.T) {
	s, digests := built(t)
	for _, d := range append(digests, testDigests("packages", "monitoring")[2]) {
		s.age(t, d.Digest, 10*day)
	}
	var said lines
	chain, err := s.deepest(t.Context(), testDigests("packages", "monitoring"), said.say)
	must(t, err)
	must(t, chain.Close())
	must(t, s.prune(t.Context(), cacheLimits{age: day}, said.say))
	if got := published(t, s); got != "monitoring packages source" {
		t.Errorf("left: %s", got)
	}
	packages, err := s.load(digests[1].Digest)
	if err != nil || packages.Hits != 1 {
		t.Errorf("hits: %d, %v", packages.Hits, err)
	}
}

// TestManyBuilds lets builds, with other profiles, and prunes go at the store for a while: no build may lose what it stands on, and all
// that is left is whole.
func TestManyBuilds(t *testing.T) {
	s := testStore(t)
	var workers []*worker
	for i := range 4 {
		w, _ := startWorker(t, s, "build", fmt.Sprintf("packages tools task%d", i%2))
		workers = append(workers, w)
	}
	prunes := 0
	for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); prunes++ {
		must(t, s.prune(t.Context(), cacheLimits{all: true}, func(string) {}))
	}
	for _, w := range workers {
		t.Log(w.goOn(t))
	}
	t.Logf("%d prunes", prunes)
	published(t, s)
	verifiedFiles.Clear()
	layers, _, err := s.all()
	must(t, err)
	for _, l := range layers {
		if err := s.verifyLayer(t.Context(), l); err != nil {
			t.Errorf("%s: %v", l, err)
		}
	}
}
