package bump

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// release reads the signed InRelease, or Release and its signature Release.gpg, and returns what it lists. One that is no longer valid
// may be an old one that somebody plays back.
func (r aptRepository) release(ctx context.Context, folder string) (map[string]listed, error) {
	text, err := r.signed(ctx, folder)
	if err != nil {
		return nil, err
	}
	paragraphs, err := readControl(text)
	if err != nil || len(paragraphs) != 1 {
		return nil, fmt.Errorf("%s: the signed Release is not one paragraph (%w)", folder, err)
	}
	if until := paragraphs[0]["Valid-Until"]; until != "" {
		if date, err := time.Parse(time.RFC1123, until); err != nil || r.b.now.After(date) {
			return nil, fmt.Errorf("%s: the signed Release was valid until %q", folder, until)
		}
	}
	return readListed(paragraphs[0]["SHA256"]), nil
}

func (r aptRepository) signed(ctx context.Context, folder string) ([]byte, error) {
	message, err := r.b.web.read(ctx, folder+"/InRelease")
	if err == nil {
		text, err := verifyClearSigned(r.keys, message, r.b.now)
		return text, inFile(folder+"/InRelease", err)
	}
	if !errors.Is(err, errAbsent) {
		return nil, err
	}
	text, err := r.b.web.read(ctx, folder+"/Release")
	if err != nil {
		return nil, err
	}
	signature, err := r.b.web.read(ctx, folder+"/Release.gpg")
	if err != nil {
		return nil, err
	}
	return text, inFile(folder+"/Release", verifyDetached(r.keys, text, signature, r.b.now))
}

func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// listed is one file in the signed Release.
type listed struct {
	checksum string
	size     int
}

// readListed reads lines of checksum, size and name.
func readListed(text string) map[string]listed {
	files := map[string]listed{}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) == 3 {
			size, _ := strconv.Atoi(fields[1])
			files[strings.TrimPrefix(fields[2], "./")] = listed{withAlgorithm(fields[0]), size}
		}
	}
	return files
}

func (l listed) holds(content []byte) error {
	if got := sumOf("sha256", content); len(content) != l.size || got != l.checksum {
		return fmt.Errorf("has %d bytes and %s, the signed Release says %d and %s", len(content), got, l.size, l.checksum)
	}
	return nil
}
