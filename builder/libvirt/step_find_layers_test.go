package libvirt

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// unusable are the ways in which the layers of a cache cannot be looked at, and what is said of it.
var unusable = map[string]struct {
	spoil func(t *testing.T, store layerStore, source string)
	says  string
}{
	"a file instead of the folder": {func(t *testing.T, store layerStore, _ string) {
		must(t, os.RemoveAll(store.directory))
		write(t, store.directory, "")
	}, "not a directory"},
	"it cannot be locked": {func(t *testing.T, store layerStore, _ string) {
		must(t, os.RemoveAll(store.path(".lock")))
		must(t, os.Mkdir(store.path(".lock"), 0o700))
	}, "locking the layers: "},
	"a description that cannot be dropped": {func(t *testing.T, store layerStore, source string) {
		must(t, os.RemoveAll(store.jsonPath(source)))
		write(t, filepath.Join(store.jsonPath(source), "x"), "")
	}, "directory not empty"},
}

// lookForLayers runs the steps that look into the cache, as a new build does.
func lookForLayers(t *testing.T, ctx context.Context, c *Config) (state multistep.StateBag, said string, action multistep.StepAction) {
	t.Helper()
	state, output := testState(t)
	build := newBuild(t, t.TempDir()) // not of the cache's, which may be in a bad state
	stateBuild.put(state, build)
	for _, step := range []multistep.Step{&stepOpenLayers{config: c}, &stepRestoreImage{config: c}, &stepFindLayers{config: c}} {
		defer func() { step.Cleanup(state) }()
		if action = step.Run(ctx, state); action == multistep.ActionHalt {
			break
		}
	}
	return state, output.String(), action
}

// TestLayersThatCannotBeUsed only cost time: the build says so in one line, and goes on without.
func TestLayersThatCannotBeUsed(t *testing.T) {
	for name, test := range unusable {
		for _, force := range []bool{false, true} {
			c := cachedBuild(t)
			_, l, _ := testLayers(t, c.CacheDirectory)
			bringSource(t, l)
			l.publishing.wait()
			must(t, l.close())
			must(t, os.Remove(l.store.jsonPath(l.image()))) // or it would be restored
			test.spoil(t, c.layerStore(), l.digests[0].Digest)
			c.PackerForce = force
			state, said, action := lookForLayers(t, t.Context(), c)
			if action != multistep.ActionContinue || stateLayers.get(state) != nil || generated(state)["IngotTasksDone"] != "" {
				t.Errorf("%s, force %t: %v, layers %v: %s", name, force, action, stateLayers.get(state), said)
			}
			if !strings.Contains(said, "Layers: none are used or kept: ") || !strings.Contains(said, test.says) || strings.Count(said, "none are used") != 1 {
				t.Errorf("%s, force %t, said %s", name, force, said)
			}
			c.Cache = "off"
			if _, said, action := lookForLayers(t, t.Context(), c); action != multistep.ActionContinue || said != "Layers: none are used or kept: cache is \"off\"\n" {
				t.Errorf("%s, off: %v: %s", name, action, said)
			}
		}
	}
}

// TestImageThatCannotBeLookedUp is made anew.
func TestImageThatCannotBeLookedUp(t *testing.T) {
	c := cachedBuild(t)
	unusable["it cannot be locked"].spoil(t, c.layerStore(), "")
	state, said, action := lookForLayers(t, t.Context(), c)
	if action != multistep.ActionContinue || stateLayers.get(state) != nil || stateRestored.get(state) || strings.Count(said, "Layers: ") != 1 {
		t.Errorf("%v: %s", action, said)
	}
}

// TestImageWithoutAManifest is dropped like others that are broken, and the layers are used.
func TestImageWithoutAManifest(t *testing.T) {
	c := cachedBuild(t)
	store := c.layerStore()
	digests, err := c.layerDigests(t.Context())
	must(t, err)
	image, err := store.load(digests[3].Digest)
	must(t, err)
	rewrite(func(l *layer) { l.Files = map[string][]byte{manifestFile: []byte("{")}; l.FilesSum = filesSum(l.Files) })(t, store, image)
	state, said, action := lookForLayers(t, t.Context(), c)
	if action != multistep.ActionContinue || stateRestored.get(state) || stateLayers.get(state) == nil || exists(store.jsonPath(image.Digest)) {
		t.Errorf("%v: %s", action, said)
	}
	if !strings.Contains(said, "dropped "+image.String()+": reading its manifest: ") {
		t.Errorf("said %s", said)
	}
}

// TestCancelledWhileLookingForLayers does not go on.
func TestCancelledWhileLookingForLayers(t *testing.T) {
	c := cachedBuild(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, said, action := lookForLayers(t, ctx, c); action != multistep.ActionHalt {
		t.Errorf("%v: %s", action, said)
	}
}
