package main

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

// TestPictureIsTheRecording: pictures/build.svg shows what was recorded, all of the build and nothing else.
func TestPictureIsTheRecording(t *testing.T) {
	var drawn strings.Builder
	decoder := xml.NewDecoder(strings.NewReader(read(t, "pictures/build.svg")))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("pictures/build.svg: %v", err)
		}
		if text, isText := token.(xml.CharData); isText {
			drawn.Write(text)
		}
	}
	log := regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(read(t, "pictures/build.log"), "")
	build := regexp.MustCompile(`(?ms)^[^\n]* Layers: .*?^--> [^\n]*$`).FindString(log)
	if want, got := words(build), words(drawn.String()); build == "" || got != want {
		t.Errorf("pictures/build.svg is not the picture of pictures/build.log: run scripts/record\n got: %s\nwant: %s", got, want)
	}
}

// words has no spaces: lines are broken to fit the picture.
func words(text string) string { return strings.Join(strings.Fields(text), "") }
