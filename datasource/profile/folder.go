package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/strictyaml"
)

// folder is ansible_directory. Its root makes the system refuse every path that leads out, also by symbolic links.
type folder struct {
	root *os.Root
	path string
}

func openFolder(path string) (*folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("ansible_directory: opening the folder: %w", err)
	}
	return &folder{root: root, path: path}, nil
}

// show returns name as the user would type it.
func (f *folder) show(name string) string { return filepath.Join(f.path, name) }

func (f *folder) read(name string) ([]byte, error) {
	data, err := strictyaml.Read(f.root.OpenFile, name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.show(name), err)
	}
	return data, nil
}

// readNamed reads the file of the spec or task called name; when there is none, it says which others there are.
func (f *folder) readNamed(dir, name string) ([]byte, error) {
	data, err := f.read(filepath.Join(dir, name+".yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no file %s%s", f.show(filepath.Join(dir, name+".yaml")), strictyaml.DidYouMean(name, f.names(dir)))
	}
	return data, err
}

func (f *folder) names(dir string) []string {
	entries, _ := fs.ReadDir(f.root.FS(), dir) // only for a suggestion: no folder, no suggestion
	var names []string
	for _, entry := range entries {
		if name, isYAML := strings.CutSuffix(entry.Name(), ".yaml"); isYAML {
			names = append(names, name)
		}
	}
	return names
}
