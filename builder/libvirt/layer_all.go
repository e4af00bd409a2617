package libvirt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// all reads what is published: the layers and images by digest, and what is wrong with those that cannot be read.
func (s layerStore) all() (layers map[string]layer, broken map[string]error, err error) {
	layers, broken = map[string]layer{}, map[string]error{}
	entries, err := os.ReadDir(s.directory)
	if errors.Is(err, fs.ErrNotExist) {
		return layers, broken, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("cache_directory: looking at layers: %w", err)
	}
	for _, entry := range entries {
		digest, isJSON := strings.CutSuffix(entry.Name(), ".json")
		if !isJSON || !digestPattern.MatchString(digest) {
			continue
		}
		l, err := s.load(digest)
		switch {
		case err == nil:
			layers[digest] = l
		case !errors.Is(err, fs.ErrNotExist): // it may be dropped meanwhile
			broken[digest] = err
		}
	}
	return layers, broken, nil
}
