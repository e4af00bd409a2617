package libvirt

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// errMismatch is what is wrong with a file that is not the one that was asked for.
var errMismatch = errors.New("checksum mismatch")

// verifyFile reads the whole file and compares it with `sha256:…`, `sha512:…` or `none`.
func verifyFile(path, want string) error {
	if want == "none" {
		return nil
	}
	algorithm, _, _ := strings.Cut(want, ":")
	got, err := checksumFile(path, algorithm)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%w: %s: want %s, got %s", errMismatch, path, want, got)
	}
	return nil
}

// checksumFile returns the file's digest with its algorithm, sha256 or sha512, in front.
func checksumFile(path, algorithm string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	digest := sha256.New()
	if algorithm == "sha512" {
		digest = sha512.New()
	}
	if _, err := io.Copy(digest, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return algorithm + ":" + hex.EncodeToString(digest.Sum(nil)), nil
}

func sha256Of(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
