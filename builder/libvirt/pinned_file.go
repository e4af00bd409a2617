package libvirt

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"path"
	"slices"
)

// pinnedFile is one of the artifacts: a file that the provisioners find on the guest's third disk.
type pinnedFile struct {
	Name     string `json:"-"` // of the pin
	Version  string `json:"version"`
	URL      string `json:"url"` // the publisher's
	Checksum string `json:"checksum"`
	size     int64  // bytes, once it is there
}

// artifactsFolder is where the guest finds the artifacts; what is in /run never gets into an image.
const artifactsFolder = "/run/ingot-artifacts"

// pinnedFiles returns the artifacts in the order of their names. Only a configuration that was not validated has an error.
func (c *Config) pinnedFiles() ([]pinnedFile, error) {
	if c.Artifacts == "" {
		return nil, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(c.Artifacts), &object); err != nil {
		return nil, err
	}
	files := make([]pinnedFile, 0, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		file, err := parsePinnedFile(name, object[name])
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// hasArtifacts reports whether the guest gets a third disk.
func (c *Config) hasArtifacts() bool {
	files, err := c.pinnedFiles()
	return err != nil || len(files) > 0
}

func parsePinnedFile(name string, text []byte) (pinnedFile, error) {
	file := pinnedFile{Name: name}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&file)
	return file, err
}

// baseName is the file's name on the disk: the last part of the URL's path.
func (f pinnedFile) baseName() string {
	location, err := url.Parse(f.URL)
	if err != nil {
		return ""
	}
	return path.Base(location.Path)
}

// place is where the file is on the disk, without a slash in front.
func (f pinnedFile) place() string { return path.Join(f.Name, f.baseName()) }

// guestURL is how get_url reaches the file in the guest.
func (f pinnedFile) guestURL() string {
	location := url.URL{Scheme: "file", Path: path.Join(artifactsFolder, f.place())}
	return location.String()
}

// guestURLs is the JSON object, checksum to URL in the guest, that provisioners get as IngotArtifacts.
func guestURLs(files []pinnedFile) (string, error) {
	urls := map[string]string{}
	for _, file := range files {
		urls[file.Checksum] = file.guestURL()
	}
	text, err := json.Marshal(urls)
	return string(text), err
}
