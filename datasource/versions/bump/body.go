package bump

import (
	"fmt"
	"strings"
	"time"
)

// body is the text of a pull request: a table of its updates, and of what else was seen. Everything in it that a publisher wrote is of a
// form that was checked, or made plain.
func body(group []result, all results, coolDown time.Duration) string {
	var text strings.Builder
	text.WriteString("| pin | old → new | published | checksum from | release notes |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range group {
		notes := "–"
		if r.notes != "" {
			notes = fmt.Sprintf("[%s](%s)", r.version, r.notes)
		}
		fmt.Fprintf(&text, "| `%s` | %s → %s | %s | %s | %s |\n",
			r.pin, r.Version, r.version, r.published.UTC().Format(time.DateOnly), plain(r.sources()), notes)
	}
	fmt.Fprintf(&text, "\nReleases younger than %d days are left alone. Read the notes, and let `make test` build an image with it.\n", int(coolDown.Hours()/24))
	var others []string
	for _, r := range all {
		if r.err != nil {
			others = append(others, fmt.Sprintf("- `%s`, as it was: %s\n", r.pin, r.state()))
		}
	}
	if len(others) > 0 {
		text.WriteString("\nNot looked at:\n\n" + strings.Join(others, ""))
	}
	return text.String()
}
