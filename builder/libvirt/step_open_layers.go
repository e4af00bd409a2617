package libvirt

import (
	"context"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepOpenLayers names the layers of this build. Produces: layers, none in a build without. Cleanup waits until those that were made have
// their names, removes the data files that did not become layers, and applies the limits of the cache.
type stepOpenLayers struct {
	config *Config
	layers *buildLayers
}

func (s *stepOpenLayers) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	generated(state)["IngotTasksDone"], generated(state)["IngotCheckpoint"] = "", ""
	if reason := s.config.cacheReason(); reason != "" {
		if s.config.Layers != "" {
			layersSay(state)("none are used or kept: " + reason)
		}
		return multistep.ActionContinue
	}
	layers, err := s.config.openLayers(ctx, stateBuild.get(state).id.ID, layersSay(state))
	if err != nil {
		return goOnWithoutLayers(ctx, state, err)
	}
	s.layers = layers
	stateLayers.put(state, layers)
	return multistep.ActionContinue
}

// goOnWithoutLayers says in one line why the build neither uses nor keeps layers: they only save time.
func goOnWithoutLayers(ctx context.Context, state multistep.StateBag, err error) multistep.StepAction {
	if ctx.Err() != nil {
		return halt(state, err)
	}
	stateLayers.put(state, nil)
	layersSay(state)(fmt.Sprintf("none are used or kept: %v", err))
	return multistep.ActionContinue
}

func (s *stepOpenLayers) Cleanup(state multistep.StateBag) {
	if s.layers == nil {
		return
	}
	if err := s.layers.close(); err != nil {
		uiOf(state).Error(fmt.Sprintf("Layers: removing what did not become one: %v", err))
	}
	if stateLayers.get(state) == nil {
		return // it was said before that they cannot be used
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeDeadline)
	defer cancel()
	if err := s.layers.store.prune(ctx, s.config.cacheLimits(), layersSay(state)); err != nil {
		uiOf(state).Error(fmt.Sprintf("Layers: keeping to cache_size and cache_age: %v", err))
	}
}

// layersSay is how layers tell the user what becomes of them.
func layersSay(state multistep.StateBag) func(string) {
	return func(line string) { uiOf(state).Say("Layers: " + line) }
}
