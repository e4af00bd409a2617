//go:build e2e && layers

package e2e

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLayersInGuests builds the small profile of scripts/bench.d/content in a cache of its own, as root under qemu:///system. Each part
// goes on with what those before have left there.
func TestLayersInGuests(t *testing.T) {
	w := newWorkshop(t, nil)
	var first, second image
	t.Run("two builds race for a cold cache", func(t *testing.T) { first, second = raceForColdCache(t, w) })
	if t.Failed() {
		return
	}
	t.Run("from layers comes the same tree as without", func(t *testing.T) { buildFromLayers(t, w, first, second) })
	t.Run("a changed task file is applied, and what comes after it", func(t *testing.T) { changeLastTask(t, w) })
	t.Run("another profile shares what it begins with", func(t *testing.T) { buildOther(t, w) })
}

// raceForColdCache starts two builds of the same input at once. Both make their image; one of them has to leave the cache to the other.
func raceForColdCache(t *testing.T, w *workshop) (first, second image) {
	logs := make([]string, 2)
	var group sync.WaitGroup
	for i, name := range []string{"first", "second"} {
		group.Go(func() { logs[i] = w.build(t, "layers", name) })
	}
	group.Wait()
	if t.Failed() {
		return first, second
	}
	if lost := strings.Count(strings.Join(logs, ""), "another build was faster"); lost == 0 {
		t.Errorf("nobody lost:\n%s\n%s", logs[0], logs[1])
	}
	w.checkCache(t, "app", "image", "packages", "settings", "source image")
	first, second = w.image(t, "first"), w.image(t, "second")
	want := []string{"packages", "settings", "app", "harden"}
	if got := applied(first); !slices.Equal(got, want) {
		t.Errorf("the cache was cold, and the first build applied %q instead of %q", got, want)
	}
	return first, second
}

// buildFromLayers takes the image itself out of the cache, so that it is made again from the deepest layer. The trees of the two that raced
// show what differs between any two builds.
func buildFromLayers(t *testing.T, w *workshop, cold, other image) {
	if err := os.Remove(filepath.Join(w.cache, "layers", cold.manifest.Image.Digest+".json")); err != nil {
		t.Fatal(err)
	}
	log := w.build(t, "layers", "cached")
	if !strings.Contains(log, "3 of 4 task files are cached, starting after app") {
		t.Errorf("it did not start from the last layer:\n%s", log)
	}
	cached := w.image(t, "cached")
	if got := applied(cached); !slices.Equal(got, []string{"harden"}) || cached.manifest.BuildID == cold.manifest.BuildID {
		t.Errorf("build %s applied %q, want harden alone", cached.manifest.BuildID, got)
	}
	if cached.manifest.Image.Digest != cold.manifest.Image.Digest {
		t.Errorf("the same input has the digests %s and %s", cold.manifest.Image.Digest, cached.manifest.Image.Digest)
	}
	t.Log("cold against cached")
	compareImages(t, cold, cached)
	t.Log("cold against cold")
	compareImages(t, cold, other)
}

// changeLastTask edits one line of the last task file.
func changeLastTask(t *testing.T, w *workshop) {
	w.edit(t, "tasks/app.yaml", "interval = 60", "interval = 61")
	w.build(t, "layers", "changed")
	changed := w.image(t, "changed")
	if got := applied(changed); !slices.Equal(got, []string{"app", "harden"}) {
		t.Errorf("applied %q, want app and harden alone", got)
	}
	root, _ := mountRoot(t, rawImage(t, changed))
	if content, err := os.ReadFile(filepath.Join(root, "etc/app.conf")); err != nil || string(content) != "interval = 61\n" {
		t.Errorf("/etc/app.conf: %q, %v", content, err)
	}
}

// buildOther builds a profile of which the first task file is the same.
func buildOther(t *testing.T, w *workshop) {
	w.build(t, "other", "other")
	if got := applied(w.image(t, "other")); !slices.Equal(got, []string{"app", "harden"}) {
		t.Errorf("applied %q, want app and harden alone", got)
	}
	w.checkCache(t, "app", "app", "app", "image", "image", "image", "packages", "settings", "source image")
}

// TestLayersOfAnOrdinaryUser builds under qemu:///session, without privileges: cold, then from the last layer, then not at all.
func TestLayersOfAnOrdinaryUser(t *testing.T) {
	w := newWorkshop(t, newUser(t))
	w.build(t, "layers", "cold")
	w.checkCache(t, "app", "image", "packages", "settings", "source image")
	if log := w.build(t, "layers", "cold"); !strings.Contains(log, "holds this image already") || strings.Contains(log, "Started domain") {
		t.Errorf("unchanged, and yet:\n%s", log)
	}
	if err := os.Remove(filepath.Join(w.cache, "layers", w.image(t, "cold").manifest.Image.Digest+".json")); err != nil {
		t.Fatal(err)
	}
	w.build(t, "layers", "cached")
	if got := applied(w.image(t, "cached")); !slices.Equal(got, []string{"harden"}) {
		t.Errorf("applied %q, want harden alone", got)
	}
	compareImages(t, w.image(t, "cold"), w.image(t, "cached"))
}

// applied are the task files that the build itself applied, in order.
func applied(i image) (tasks []string) {
	for _, task := range i.manifest.Tasks {
		if !task.Cached {
			tasks = append(tasks, task.Task)
		}
	}
	return tasks
}

// user is somebody without privileges; nil is root.
type user struct{ name, home string }

func newUser(t *testing.T) *user {
	t.Helper()
	u := &user{name: "ingot-layers", home: "/home/ingot-layers"}
	run(t, "useradd", "--create-home", "--home-dir", u.home, u.name)
	t.Cleanup(func() {
		for _, daemon := range []string{"libvirtd", "virtlogd"} { // the user's own, which else stay for two minutes
			if pid, err := os.ReadFile(filepath.Join(u.home, ".cache/libvirt", daemon+".pid")); err == nil {
				_ = exec.Command("kill", strings.TrimSpace(string(pid))).Run()
			}
		}
		var err error
		for range 50 {
			if err = exec.Command("userdel", "--remove", u.name).Run(); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("userdel %s: %v", u.name, err)
	})
	return u
}

// as is the command, run by the user.
func (u *user) as(name string, args ...string) *exec.Cmd {
	if u == nil {
		return exec.Command(name, args...)
	}
	command := exec.Command("runuser", append([]string{"-u", u.name, "--", "env", "-i", "HOME=" + u.home, "USER=" + u.name,
		"PATH=" + os.Getenv("PATH"), "CHECKPOINT_DISABLE=1", "PACKER_PLUGIN_PATH=" + filepath.Join(u.home, "plugins"), name}, args...)...)
	command.Dir = u.home
	return command
}

func packer() string { return cmp.Or(os.Getenv("PACKER"), "packer") }
