package libvirt

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/packer-plugin-sdk/multistep"
)

// stepFetchArtifacts begins to fetch the artifacts, beside the steps that follow it. Produces: artifacts, fetching, and the
// provisioners' IngotArtifacts. Cleanup ends what is still under way; what is complete stays in the cache.
type stepFetchArtifacts struct {
	config   *Config
	fetching *background
}

func (s *stepFetchArtifacts) Run(ctx context.Context, state multistep.StateBag) multistep.StepAction {
	files, err := s.config.pinnedFiles()
	if err != nil {
		return halt(state, fmt.Errorf("artifacts: %w", err))
	}
	urls, err := guestURLs(files)
	if err != nil {
		return halt(state, fmt.Errorf("artifacts: %w", err))
	}
	generated(state)["IngotArtifacts"] = urls
	stateArtifacts.put(state, files)
	s.announce(state, files)
	if len(files) > 0 {
		folder := stateBuild.get(state).file(artifactsFiles)
		s.fetching = startInBackground(ctx, func(ctx context.Context) error {
			return s.config.fetchArtifacts(ctx, files, folder, uiOf(state))
		})
		stateFetching.put(state, s.fetching)
	}
	return multistep.ActionContinue
}

// announce says what is needed, and from which mirrors it will come.
func (s *stepFetchArtifacts) announce(state multistep.StateBag, files []pinnedFile) {
	ui := uiOf(state)
	var names []string
	downloads := []download{s.config.sourceDownload(ui)}
	for _, file := range files {
		names = append(names, file.Name+" "+file.Version)
		downloads = append(downloads, s.config.artifactDownload(file, ui))
	}
	if len(names) > 0 {
		ui.Say("Artifacts: " + strings.Join(names, ", "))
	}
	if uses := s.config.mirrorsInUse(downloads); uses != "" {
		ui.Say("Downloading from mirrors: " + uses)
	}
}

func (s *stepFetchArtifacts) Cleanup(multistep.StateBag) { s.fetching.end() }
