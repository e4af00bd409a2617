package bump

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ingot-images/packer-plugin-ingot/datasource/versions"
)

// hashicorpReleases lists the releases of https://releases.hashicorp.com/<product>/index.json. Their SHA256SUMS are signed:
// https://www.hashicorp.com/trust/security. A version with a + is another edition (+ent).
func hashicorpReleases(ctx context.Context, b *bump, p pin) ([]release, error) {
	product := p.Update.Settings["product"]
	folder := "https://releases.hashicorp.com/" + product + "/"
	text, err := b.web.read(ctx, folder+"index.json")
	if err != nil {
		return nil, err
	}
	var index struct {
		Versions map[string]struct{ Version string }
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("%sindex.json: is not the JSON that is expected: %w", folder, err)
	}
	var found []release
	for v := range index.Versions {
		if versionTag.MatchString(v) && !strings.ContainsAny(v, "v+") {
			sums := folder + v + "/" + product + "_" + v + "_SHA256SUMS"
			found = append(found, release{version: v, notes: notesOf("hashicorp/"+product, "v"+v),
				published: b.lastModified(sums), file: b.hashicorpFile(p, v, sums)})
		}
	}
	return found, nil
}

// hashicorpFile reads the checksum in the signed file.
func (b *bump) hashicorpFile(p pin, version, sums string) func(context.Context, string, bool) (file, error) {
	return func(ctx context.Context, architecture string, _ bool) (file, error) {
		text, err := b.web.read(ctx, sums)
		if err != nil {
			return file{}, err
		}
		signature, err := b.web.read(ctx, sums+".sig")
		if err != nil {
			return file{}, err
		}
		keys, err := b.key(ctx, p)
		if err != nil {
			return file{}, err
		}
		if err := verifyDetached(keys, text, signature, b.now); err != nil {
			return file{}, fmt.Errorf("%s: %w", sums, err)
		}
		name := p.fileName(architecture, version)
		checksum, err := readSums(text, name, false)
		if err == nil && checksum == "" {
			err = fmt.Errorf("%s: lists no %s", sums, name)
		}
		return file{Download: versions.Download{URL: p.renamed(p.Downloads[architecture].URL, version), Checksum: checksum}, from: "signed SHA256SUMS"}, err
	}
}
