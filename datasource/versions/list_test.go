package versions

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestList(t *testing.T) {
	pins, err := Load("../../versions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := pins.list("amd64", time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), &out); err != nil {
		t.Fatal(err)
	}
	for name, pin := range pins.Images {
		d := pin.Downloads["amd64"]
		found := false
		for line := range strings.Lines(out.String()) {
			f := strings.Fields(line)
			found = found || len(f) == 5 && f[0] == "image" && f[1] == name && f[2] == pin.Version && f[3] == d.URL && f[4] == d.Checksum
		}
		if !found {
			t.Errorf("no line for %s in\n%s", name, out.String())
		}
	}
	if !strings.Contains(out.String(), "# ") {
		t.Error("nothing is due for review in the year 2100")
	}
}

func TestListRefusesArguments(t *testing.T) {
	if err := List([]string{"debian-13"}, new(bytes.Buffer)); err == nil {
		t.Error("an argument that means nothing was accepted")
	}
}

func TestOverdueFailsTheLint(t *testing.T) {
	pins, err := Load("../../versions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	due := map[string]string{ // a comment behind review_by, and one above a pin
		"images.debian-13: ": "; its reason: Debian deletes a dated folder some months after its day",
		"tools.laurel: ":     "; its reason: upstream publishes no checksum file, only the digest that GitHub's API shows; one public source repeats it",
	}
	text := errorText(pins.reviewed(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)))
	for name, reason := range due {
		if !slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool { return strings.Contains(line, name) && strings.HasSuffix(line, reason) }) {
			t.Errorf("no line for %s that ends with %q in\n%s", name, reason, text)
		}
	}
	if err := pins.reviewed(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Errorf("nothing was due in the year 2000: %v", err)
	}
}
