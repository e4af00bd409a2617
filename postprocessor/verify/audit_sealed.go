package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

const sums = "usr/lib/read-only-root/etc.sha256"

// lookAtSealedEtc holds /etc, which lies below the overlay of a booted machine, against the list that was made when the image was sealed.
func (a *audited) lookAtSealedEtc() (problems []string) {
	if !exists(a.root, sums) {
		if a.want.isReadOnlyRoot() {
			problems = append(problems, "/"+sums+": is missing: machines tell by it what they changed")
		}
		return problems
	}
	sealed := map[string]string{}
	for line := range strings.Lines(a.file(sums)) {
		if sum, path, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); ok {
			sealed[filepath.Join("/etc", path)] = sum
		}
	}
	for _, one := range a.entries {
		if !one.mode.IsRegular() || !strings.HasPrefix(one.path, "/etc/") {
			continue
		}
		sum := sha256.Sum256([]byte(a.file(one.path)))
		switch want, has := sealed[one.path]; {
		case !has:
			problems = append(problems, one.path+": was added after the image was sealed")
		case want != hex.EncodeToString(sum[:]):
			problems = append(problems, one.path+": was changed after the image was sealed")
		}
		delete(sealed, one.path)
	}
	for _, path := range slices.Sorted(maps.Keys(sealed)) {
		problems = append(problems, path+": was deleted after the image was sealed")
	}
	return problems
}
