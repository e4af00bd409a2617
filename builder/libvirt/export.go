package libvirt

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	getter "github.com/hashicorp/go-getter/v2"
)

// exportArguments flatten the disk's chain into one compressed qcow2. The coroutines run out of order, since
// only the result counts.
func (c *Config) exportArguments(from, to string) []string {
	args := []string{"convert", "-p", "-O", "qcow2", "-W", "-m", strconv.Itoa(min(max(runtime.NumCPU(), 2), 16))}
	switch c.Compression {
	case "zstd":
		args = append(args, "-c", "-o", "compression_type=zstd")
	case "zlib":
		args = append(args, "-c")
	}
	return append(args, from, to)
}

// export writes the image and brings it to the disk, with a progress bar.
func (c *Config) export(ctx context.Context, from, to string, progress getter.ProgressTracker) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.ExportTimeout, fmt.Errorf("not complete within export_timeout (%s)", c.ExportTimeout))
	defer cancel()
	command := exec.CommandContext(ctx, "qemu-img", c.exportArguments(from, to)...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	showPercents(output, c.ImageName, progress)
	if err := command.Wait(); err != nil {
		return commandError(ctx, err, stderr.String())
	}
	if err := c.enlarge(ctx, to); err != nil {
		return err
	}
	return syncFile(to)
}

// enlarge gives the image the free space behind root_size.
func (c *Config) enlarge(ctx context.Context, image string) error {
	if c.DiskSize == c.RootSize {
		return nil
	}
	if _, err := qemuImg(ctx, qemuImgDeadline, "resize", "-q", "-f", "qcow2", image, strconv.Itoa(c.DiskSize)+"M"); err != nil {
		return fmt.Errorf("enlarging it to disk_size (%d MiB): %w", c.DiskSize, err)
	}
	return nil
}

// showPercents turns qemu-img's "(12.34/100%)" into a bar of 100 bytes, one for each percent.
func showPercents(output io.Reader, name string, progress getter.ProgressTracker) {
	reader, writer := io.Pipe()
	bar := progress.TrackProgress(name, 0, 100, reader)
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, bar)
		bar.Close()
		close(done)
	}()
	shown := 0
	scanner := bufio.NewScanner(output)
	scanner.Split(splitAtReturn)
	for scanner.Scan() {
		for percent := parsePercent(scanner.Text()); shown < percent; shown++ {
			_, _ = writer.Write([]byte{'.'})
		}
	}
	writer.Close()
	<-done
}

func parsePercent(text string) int {
	number, _, _ := strings.Cut(strings.TrimLeft(strings.TrimSpace(text), "("), "/")
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0
	}
	return int(value)
}

// splitAtReturn is a bufio.SplitFunc for a line that is written over and over.
func splitAtReturn(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\r'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
