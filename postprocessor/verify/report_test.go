package verify

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

func testReport() report {
	return newReport(image{path: "output/base/ingot-base.qcow2", checksum: "sha256:00"}, []string{"packages"}, []Check{
		{Phase: phaseFile, Name: "no private keys", Took: 40 * time.Millisecond},
		{Phase: phaseFile, Name: "no logs", Took: 40 * time.Millisecond},
		{Phase: phaseFirst, Name: "proof of packages", Problems: []string{"jq: is not installed\x1b, want installed", "]]> & more"}, Took: 2 * time.Second},
		{Phase: phaseReboot, Name: "everything of it", Skipped: "the first boot did not come that far"},
	}, time.Now())
}

func TestReportAsJSON(t *testing.T) {
	text, err := testReport().json()
	must(t, err)
	var got report
	must(t, json.Unmarshal(text, &got))
	if got.Passed || got.Image.File != "ingot-base.qcow2" || len(got.Checks) != 4 || len(got.Phases) != 3 {
		t.Errorf("%s", text)
	}
	for i, want := range []phaseReport{
		{Phase: "file", Checks: 2, Seconds: 0.1}, {Phase: "first boot", Checks: 1, Problems: 2, Seconds: 2}, {Phase: "reboot", Skipped: 1},
	} {
		if got.Phases[i] != want {
			t.Errorf("got %+v, want %+v", got.Phases[i], want)
		}
	}
	if !strings.Contains(string(text), `"problems": []`) {
		t.Error("a check that passed must have an empty list of problems")
	}
}

func TestReportAsJUnit(t *testing.T) {
	text, err := testReport().junit()
	must(t, err)
	var got junit.Testsuites
	must(t, xml.Unmarshal(text, &got))
	if got.Tests != 4 || got.Failures != 1 || got.Skipped != 1 || len(got.Suites) != 3 || got.Suites[1].Name != "first boot" {
		t.Errorf("%s", text)
	}
	if failure := got.Suites[1].Testcases[0].Failure; failure == nil || strings.TrimSpace(failure.Data) != "jq: is not installed, want installed\n]]> & more" {
		t.Errorf("%s", text)
	}
}

func TestReportAsTable(t *testing.T) {
	got := testReport().table()
	for _, want := range []string{"│ file       │      2 │        0 │     0.1 │", "│ first boot │      1 │        2 │     2.0 │", "│ total      │      3 │        2 │     0.0 │"} {
		if !strings.Contains(got, want) {
			t.Errorf("want %s in\n%s", want, got)
		}
	}
	want := "ingot-verify: ingot-base.qcow2 did not pass (3 checks, 2 problems, 1 not looked at), and is kept in output/base.failed:\n" +
		"  first boot: proof of packages: jq: is not installed\x1b, want installed\n  first boot: proof of packages: ]]> & more"
	if err := testReport().problem("output/base.failed"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
