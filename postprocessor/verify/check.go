package verify

import "time"

// Check is one thing that was looked at.
type Check struct {
	Phase    string        // "file", "first boot", "reboot", "another machine"
	Name     string        // "no private keys"
	Problems []string      // each names the thing and the rule; none: passed
	Skipped  string        // why it was not looked at
	Took     time.Duration // zero when it was looked at together with others
}

// check looks at one thing of the file, and takes the time.
func check(name string, look func() []string) Check {
	begin := time.Now()
	problems := look()
	return Check{Phase: phaseFile, Name: name, Problems: problems, Took: time.Since(begin)}
}
