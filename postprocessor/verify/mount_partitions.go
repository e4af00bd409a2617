package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// partition is one of the disk's, with what is on it.
type partition struct {
	node    string // image.raw1
	name    string // in the partition table
	kind    string // GUID, or the type of an MBR
	start   int64  // bytes
	size    int64  // bytes
	content string // ext4, vfat, or "" for anything else
}

// biosBoot is the type of the partition that holds GRUB's core without a file system.
const biosBoot = "21686148-6449-6E6F-744E-656564454649"

// String names it for a person.
func (p partition) String() string {
	number := p.node[strings.LastIndexFunc(p.node, func(r rune) bool { return r < '0' || r > '9' })+1:]
	if p.name == "" {
		return "partition " + number
	}
	return fmt.Sprintf("partition %s (%s)", number, p.name)
}

func readPartitions(ctx context.Context, raw string) ([]partition, error) {
	output, err := hostCommand(ctx, "sfdisk", "--json", raw)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Table struct {
			SectorSize int64
			Partitions []struct {
				Node, Name, Type string
				Start, Size      int64 // sectors
			}
		} `json:"partitiontable"`
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		return nil, fmt.Errorf("reading what sfdisk says of the partitions: %w", err)
	}
	f, err := os.Open(raw)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sector := max(answer.Table.SectorSize, 512)
	var partitions []partition
	for _, p := range answer.Table.Partitions {
		one := partition{node: p.Node, name: p.Name, kind: p.Type, start: p.Start * sector, size: p.Size * sector}
		one.content = contentAt(f, one.start)
		partitions = append(partitions, one)
	}
	return partitions, nil
}

// contentAt knows the two file systems that belong in an image, by the magic numbers that mount looks for.
func contentAt(f io.ReaderAt, start int64) string {
	head := make([]byte, 2048)
	if _, err := f.ReadAt(head, start); err != nil {
		return ""
	}
	switch {
	case head[1024+56] == 0x53 && head[1024+57] == 0xef:
		return "ext4"
	case head[510] == 0x55 && head[511] == 0xaa && (bytes.HasPrefix(head[54:], []byte("FAT")) || bytes.HasPrefix(head[82:], []byte("FAT32"))):
		return "vfat"
	}
	return ""
}
