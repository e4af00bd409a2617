package versions

import (
	"context"
	"io"
)

// Command is `packer-plugin-ingot pins`, which is [List], and `packer-plugin-ingot pins check`, which is [Check].
// Results go to out, progress to progress.
func Command(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) > 0 && args[0] == "check" {
		return Check(ctx, args[1:], out, progress)
	}
	return List(args, out)
}
