package verify

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// junit is verify.xml: a suite for each phase, a test case for each check.
func (r report) junit() ([]byte, error) {
	suites := junit.Testsuites{Name: "ingot-verify " + r.Image.File, Time: fmt.Sprint(r.Seconds)}
	for _, p := range r.Phases {
		suite := junit.Testsuite{Name: p.Phase, ID: len(suites.Suites), Time: fmt.Sprint(p.Seconds)}
		suite.SetTimestamp(r.VerifiedAt)
		suite.AddProperty("image", r.Image.Checksum)
		for _, c := range r.Checks {
			if c.Phase == p.Phase {
				suite.AddTestcase(c.testCase())
			}
		}
		suites.AddSuite(suite)
	}
	var out bytes.Buffer
	err := suites.WriteXML(&out)
	return out.Bytes(), err
}

func (c checkReport) testCase() junit.Testcase {
	test := junit.Testcase{Name: c.Name, Classname: "ingot-verify." + strings.ReplaceAll(c.Phase, " ", "-"), Time: fmt.Sprint(c.Seconds)}
	if c.Skipped != "" {
		test.Skipped = &junit.Result{Message: c.Skipped}
	}
	if len(c.Problems) > 0 {
		test.Failure = &junit.Result{Message: c.Problems[0], Type: "problem", Data: printable(strings.Join(c.Problems, "\n"))}
		test.Failure.Message = printable(test.Failure.Message)
	}
	return test
}

// printable leaves out what XML cannot hold; a kernel message may have anything in it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}
