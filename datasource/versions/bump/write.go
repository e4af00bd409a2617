package bump

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pmezard/go-difflib/difflib"
)

// show prints what the updates would change.
func (b *bump) show(text []byte, updates []result, out io.Writer) error {
	after, err := rewrite(b.file, text, updates)
	if err != nil {
		return err
	}
	return difflib.WriteUnifiedDiff(out, difflib.UnifiedDiff{
		FromFile: "a/" + b.file, A: difflib.SplitLines(string(text)), ToFile: "b/" + b.file, B: difflib.SplitLines(string(after)), Context: 3,
	})
}

// write replaces the file by one with the updates, whole or not at all.
func (b *bump) write(text []byte, updates []result) error {
	after, err := rewrite(b.file, text, updates)
	if err != nil {
		return err
	}
	info, err := os.Stat(b.file)
	if err != nil {
		return fmt.Errorf("writing file %s: %w", b.file, err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(b.file), filepath.Base(b.file)+".*")
	if err != nil {
		return fmt.Errorf("writing file %s: %w", b.file, err)
	}
	defer os.Remove(temporary.Name()) // when it has got its name, there is nothing to remove
	_, err = temporary.Write(after)
	for _, next := range []func() error{
		func() error { return temporary.Chmod(info.Mode()) }, temporary.Close,
		func() error { return os.Rename(temporary.Name(), b.file) },
	} {
		if err == nil {
			err = next()
		}
	}
	if err != nil {
		return fmt.Errorf("writing file %s: %w", b.file, err)
	}
	b.progress.Printf("%s: %d pins updated", b.file, len(updates))
	return nil
}
