//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// unchangedLimit is for what Packer does for an image of which nothing has changed: reading it once is most of it.
const unchangedLimit = 3 * time.Second

// TestUnchanged builds an image again, as it lies there and after it was removed: no guest is started, and it is the same file.
func TestUnchanged(t *testing.T) { eachImage(t, buildUnchanged) }

func buildUnchanged(t *testing.T, i image) {
	again(t, i, "holds this image already")
	if err := os.RemoveAll(i.directory); err != nil {
		t.Fatal(err)
	}
	again(t, i, "restoring the image that build "+i.manifest.BuildID+" made")
}

// again runs what a user runs, and holds the time that Packer itself gives.
func again(t *testing.T, i image, want string) {
	t.Helper()
	output, err := exec.Command("make", "-C", "..", "image", "PROFILE="+i.manifest.Profile.Spec).CombinedOutput()
	log := string(output)
	if err != nil || !strings.Contains(log, want) || strings.Contains(log, "Started domain") {
		t.Fatalf("want %q and no guest: %v\n%s", want, err, log)
	}
	took := regexp.MustCompile(`Build '[^']*' finished after (.*)\.`).FindStringSubmatch(log)
	if took == nil {
		t.Fatalf("Packer does not say how long it took:\n%s", log)
	}
	t.Logf("unchanged: %s", took[1])
	if d, err := time.ParseDuration(compact(took[1])); err != nil || d > unchangedLimit && i.manifest.Image.Size < 512<<20 {
		t.Errorf("took %s (%v), want at most %s for an image below 512 MiB", took[1], err, unchangedLimit)
	}
	if got := checksum(t, i.path); got != i.manifest.Image.Checksum {
		t.Errorf("the image is %s now, was %s", got, i.manifest.Image.Checksum)
	}
}

// compact turns Packer's "1 second 204 milliseconds" into Go's "1s204ms". Packer gives the two largest units.
func compact(text string) string {
	return strings.NewReplacer(" microseconds", "us", " microsecond", "us", " milliseconds", "ms", " millisecond", "ms", " seconds", "s", " second", "s", " minutes", "m", " minute", "m", " ", "").Replace(text)
}
