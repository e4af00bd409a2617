//go:build e2e

package e2e

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// verification is the part of verify.json that the tests hold against the rest.
type verification struct {
	Image  struct{ File, Checksum string }
	Passed bool
	Phases []struct {
		Phase                     string
		Checks, Problems, Skipped int
	}
	Checks []struct {
		Phase, Name string
		Problems    []string
		Seconds     float64
	}
}

// phases are those of a verification, with the least number of checks in each.
var phases = []struct {
	name   string
	checks int
}{{"file", 20}, {"first boot", 5}, {"reboot", 10}, {"another machine", 4}}

// TestVerified: the build has looked at each image, and says so beside it.
func TestVerified(t *testing.T) {
	eachImage(t, func(t *testing.T, i image) { checkReports(t, i.directory, i) })
}

func checkReports(t *testing.T, directory string, i image) {
	t.Helper()
	v := readReport(t, directory)
	if !v.Passed || v.Image.Checksum != i.manifest.Image.Checksum {
		t.Errorf("verify.json does not say that this image has passed: %+v, passed %v", v.Image, v.Passed)
	}
	for n, want := range phases {
		if len(v.Phases) != len(phases) || v.Phases[n].Phase != want.name || v.Phases[n].Checks < want.checks || v.Phases[n].Problems+v.Phases[n].Skipped > 0 {
			t.Fatalf("want four phases, the one of %q with at least %d checks and none left out: %+v", want.name, want.checks, v.Phases)
		}
	}
	var proven []string
	for _, c := range v.Checks {
		if task, isProof := strings.CutPrefix(c.Name, "proof of "); isProof && c.Phase == "reboot" {
			proven = append(proven, task)
		}
		if c.Name == "a new machine lets its user in" {
			t.Logf("%s: %.1f s from power-on to login", c.Phase, c.Seconds)
			if c.Seconds <= 0 {
				t.Errorf("%s: the time to login was not taken", c.Phase)
			}
		}
	}
	for _, task := range i.manifest.Profile.Tasks {
		if !slices.Contains(proven, task.Name) {
			t.Errorf("the proof of %s was not run after the reboot", task.Name)
		}
	}
	checkJUnit(t, directory, len(v.Checks))
}

func readReport(t *testing.T, directory string) (v verification) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(directory, "verify.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func checkJUnit(t *testing.T, directory string, checks int) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(directory, "verify.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var suites junit.Testsuites
	if err := xml.Unmarshal(content, &suites); err != nil || suites.Tests != checks || suites.Failures != 0 || len(suites.Suites) != len(phases) {
		t.Errorf("verify.xml: want %d tests in %d suites and no failure: %v\n%s", checks, len(phases), err, content)
	}
}

// TestVerifyByHand verifies a copy of the first image that has no manifest beside it, and finds the file as it was.
func TestVerifyByHand(t *testing.T) {
	eachImage(t, func(t *testing.T, i image) {
		if i.manifest.Profile.Spec != strings.Fields(os.Getenv("INGOT_PROFILES") + " base")[0] {
			t.Skip("one profile shows what the command does; every build verifies its own image")
		}
		verifyByHand(t, i)
	})
}

func verifyByHand(t *testing.T, i image) {
	begin, report := time.Now(), t.TempDir()
	file := filepath.Join(t.TempDir(), "copy.qcow2")
	run(t, "cp", i.path, file)
	log, err := exec.Command("../bin/packer-plugin-ingot", "verify", file, "-ansible", "../ansible",
		"-manifest", filepath.Join(i.directory, "manifest.json"), "-report", report).CombinedOutput()
	t.Logf("%s\n%s", time.Since(begin).Round(time.Second), log)
	if err != nil {
		t.Fatal(err)
	}
	checkReports(t, report, i)
	if got := checksum(t, file); got != i.manifest.Image.Checksum {
		t.Errorf("the file has changed: %s, was %s", got, i.manifest.Image.Checksum)
	}
	started := regexp.MustCompile(`Started domain ingot-verify-([0-9a-f]{8})`).FindAllSubmatch(log, -1)
	if len(started) != 2 {
		t.Errorf("want two machines, got %q", started)
	}
	for _, id := range started {
		leftBehind(t, i, string(id[1]))
	}
}
