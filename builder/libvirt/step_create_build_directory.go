package libvirt

import (
	"context"
	"fmt"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
)

// stepCreateBuildDirectory makes room for this build. Produces: build_directory and the provisioners' IngotBuildDirectory. Cleanup removes
// the directory, or keeps it for `-on-error=abort`.
type stepCreateBuildDirectory struct {
	config *Config
	failed func(packersdk.Ui, *buildDirectory) // saves what a person needs, before the directory goes
	build  *buildDirectory
}

func (s *stepCreateBuildDirectory) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	var err error
	s.build, err = createBuildDirectory(ctx, s.config.CacheDirectory, s.config.PackerBuildName)
	if err != nil {
		return halt(state, err)
	}
	stateBuild.put(state, s.build)
	generated(state)["IngotBuildDirectory"] = s.build.path
	return multistep.ActionContinue
}

// generated is the map that provisioners receive beside the SDK's own values.
func generated(state multistep.StateBag) map[string]any {
	data, ok := state.Get("generated_data").(map[string]any)
	if !ok {
		data = map[string]any{}
		state.Put("generated_data", data)
	}
	return data
}

func (s *stepCreateBuildDirectory) Cleanup(state multistep.StateBag) {
	if s.build == nil {
		return
	}
	stateTasks.put(state, readTaskTimes(s.build.file(taskTimesFile)))
	if !succeeded(state) {
		s.failed(uiOf(state), s.build)
	}
	if err := s.build.remove(); err != nil {
		uiOf(state).Error(fmt.Sprintf("Removing the build's directory: %v (run: rm -r %s)", err, s.build.path))
	}
}
