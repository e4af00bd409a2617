package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	jsonFile  = "verify.json"
	junitFile = "verify.xml"
	// reportVersion is that of the form of verify.json. A record of another one counts for nothing.
	reportVersion = 1
)

// report is verify.json.
type report struct {
	Version    int           `json:"version"`
	Image      reportImage   `json:"image"`
	Tasks      []string      `json:"tasks"` // whose proofs were run
	Passed     bool          `json:"passed"`
	VerifiedAt time.Time     `json:"verified_at"` // UTC
	Seconds    float64       `json:"seconds"`     // all of it
	Phases     []phaseReport `json:"phases"`
	Checks     []checkReport `json:"checks"`
}

type reportImage struct {
	File     string `json:"file"`
	Checksum string `json:"checksum"`
}

// phaseReport counts the checks of one phase.
type phaseReport struct {
	Phase    string  `json:"phase"`
	Checks   int     `json:"checks"`
	Problems int     `json:"problems"`
	Skipped  int     `json:"skipped"`
	Seconds  float64 `json:"seconds"`
}

type checkReport struct {
	Phase    string   `json:"phase"`
	Name     string   `json:"name"`
	Problems []string `json:"problems"`
	Skipped  string   `json:"skipped,omitempty"` // why it was not looked at
	Seconds  float64  `json:"seconds"`
}

func newReport(i image, tasks []string, checks []Check, begin time.Time) report {
	r := report{
		Version: reportVersion, Image: reportImage{File: i.name(), Checksum: i.checksum}, Tasks: tasks, Passed: true,
		VerifiedAt: time.Now().UTC().Truncate(time.Second), Seconds: rounded(time.Since(begin).Seconds()),
	}
	for _, c := range checks {
		r.Passed = r.Passed && len(c.Problems) == 0
		r.Checks = append(r.Checks, checkReport{
			Phase: c.Phase, Name: c.Name, Problems: append([]string{}, c.Problems...), Skipped: c.Skipped, Seconds: rounded(c.Took.Seconds()),
		})
		r.count(c)
	}
	for i := range r.Phases {
		r.Phases[i].Seconds = rounded(r.Phases[i].Seconds)
	}
	return r
}

func (r *report) count(c Check) {
	at := slices.IndexFunc(r.Phases, func(p phaseReport) bool { return p.Phase == c.Phase })
	if at < 0 {
		at = len(r.Phases)
		r.Phases = append(r.Phases, phaseReport{Phase: c.Phase})
	}
	p := &r.Phases[at]
	p.Problems += len(c.Problems)
	p.Seconds += c.Took.Seconds()
	if c.Skipped != "" {
		p.Skipped++
	} else {
		p.Checks++
	}
}

func rounded(seconds float64) float64 { return math.Round(seconds*10) / 10 }

// summary is one line.
func (r report) summary() string {
	checks, problems, skipped := 0, 0, 0
	for _, p := range r.Phases {
		checks, problems, skipped = checks+p.Checks, problems+p.Problems, skipped+p.Skipped
	}
	text := fmt.Sprintf("%d checks, %d problems", checks, problems)
	if skipped > 0 {
		text += fmt.Sprintf(", %d not looked at", skipped)
	}
	return text
}

// problem is the error that an image did not pass, with all that was found.
func (r report) problem(kept string) error {
	if r.Passed {
		return nil
	}
	return fmt.Errorf("ingot-verify: %s did not pass (%s), and is kept in %s:\n%s", r.Image.File, r.summary(), kept, strings.Join(r.problems(), "\n"))
}

// verdict is the error for whoever has seen the problems already.
func (r report) verdict() error {
	if r.Passed {
		return nil
	}
	return fmt.Errorf("ingot-verify: %s did not pass: %s", r.Image.File, r.summary())
}

func (r report) problems() (lines []string) {
	for _, c := range r.Checks {
		for _, problem := range c.Problems {
			lines = append(lines, fmt.Sprintf("  %s: %s: %s", c.Phase, c.Name, strings.ReplaceAll(problem, "\n", "\n    ")))
		}
	}
	return lines
}

func (r report) json() ([]byte, error) {
	content, err := json.MarshalIndent(r, "", "  ")
	return append(content, '\n'), err
}

// write puts both forms of the report into a directory.
func (r report) write(directory string) error {
	text, textErr := r.json()
	xml, xmlErr := r.junit()
	err := errors.Join(textErr, xmlErr)
	if err == nil {
		err = errors.Join(writeFile(filepath.Join(directory, jsonFile), text), writeFile(filepath.Join(directory, junitFile), xml))
	}
	if err != nil {
		return fmt.Errorf("ingot-verify: writing the report to %s: %w", directory, err)
	}
	return nil
}
