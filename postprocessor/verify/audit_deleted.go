package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	blockSize = 4096    // bytes, of ext4 on a disk of this size
	piece     = 1 << 20 // bytes that are read at once
	longest   = 4096    // bytes of what is looked for, at most
	maxHits   = 1000    // more are one mistake repeated
)

// hit is a place on the disk that has what no disk may have.
type hit struct {
	at    int64 // bytes
	what  string
	isKey bool
}

// lookAtDeleted reads the whole disk, also what belongs to no file: cloud-init writes the instance's name and the guest's key into
// many files of the build, and none of those bytes may travel. The journal of ext4 is left out: it keeps names of directories,
// never the content of a file. Keys in files are the business of another check, which knows programs from texts.
func lookAtDeleted(ctx context.Context, d *disk, want expectations) (problems []string) {
	hits, err := d.find(ctx, append(want.traces(), privateKeys[0]))
	if err != nil {
		problems = append(problems, err.Error())
	}
	inodes, err := d.inodes(ctx, hits)
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, h := range hits {
		switch inode := inodes[h.at-h.at%blockSize]; {
		case inode == "": // of no file, or of no ext4
			problems = append(problems, fmt.Sprintf("byte %d of the disk: still has %s, in no file: trim the file system before the disk is exported", h.at, h.what))
		case inode != journalInode && !h.isKey:
			problems = append(problems, fmt.Sprintf("byte %d of the disk: has %s, in the file with inode %s", h.at, h.what, inode))
		}
	}
	return problems
}

// find reads what is on the disk; most of it is a hole.
func (d *disk) find(ctx context.Context, secrets []secret) (hits []hit, err error) {
	f, err := os.Open(d.raw)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, piece+longest)
	for offset := int64(0); len(hits) < maxHits; offset += piece {
		begin, err := unix.Seek(int(f.Fd()), offset, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return hits, nil
		}
		if err = errors.Join(err, context.Cause(ctx)); err != nil {
			return hits, fmt.Errorf("reading the disk at byte %d: %w", offset, err)
		}
		offset = begin - begin%blockSize
		n, err := f.ReadAt(data, offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return hits, err
		}
		for i, one := range secrets {
			for _, h := range one.findAll(data[:n]) {
				hits = append(hits, hit{at: offset + h.at, what: h.what, isKey: i == len(secrets)-1})
			}
		}
	}
	return hits, nil
}

// findAll returns what begins in the first piece of data.
func (s secret) findAll(data []byte) (hits []hit) {
	for at := 0; ; at += len(s.literal) {
		next := bytes.Index(data[at:], []byte(s.literal))
		if next < 0 || at+next >= piece {
			return hits
		}
		at += next
		if m := s.pattern.Find(data[max(0, at-64):min(len(data), at+longest)]); m != nil {
			first, _, _ := bytes.Cut(m, []byte("\n"))
			hits = append(hits, hit{at: int64(at), what: fmt.Sprintf("%.60q", first)})
		}
	}
}

const journalInode = "8"

// inodes asks debugfs which inode each block belongs to. Blocks of none are left out.
func (d *disk) inodes(ctx context.Context, hits []hit) (map[int64]string, error) {
	inodes := map[int64]string{}
	for _, p := range d.partitions {
		ask, at := "icheck", map[string]int64{}
		for _, h := range hits {
			if p.content == "ext4" && h.at >= p.start && h.at < p.start+p.size {
				block := fmt.Sprint((h.at - p.start) / blockSize)
				ask, at[block] = ask+" "+block, h.at-h.at%blockSize
			}
		}
		if len(at) == 0 {
			continue
		}
		output, err := hostCommand(ctx, "debugfs", "-R", ask, fmt.Sprintf("%s?offset=%d", d.raw, p.start))
		if err != nil {
			return inodes, err
		}
		for line := range strings.Lines(string(output)) { // "91245	8" or "91245	<block not found>"
			if fields := strings.Fields(line); len(fields) == 2 {
				if offset, asked := at[fields[0]]; asked {
					inodes[offset] = fields[1]
				}
			}
		}
	}
	return inodes, nil
}
