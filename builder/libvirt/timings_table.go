package libvirt

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// taskTime is what the Ansible provisioner notes of one task file in tasks.json.
type taskTime struct {
	Task    string  `json:"task"`
	Seconds float64 `json:"seconds"`
	Changed int     `json:"changed"`
	OK      int     `json:"ok"`
	Failed  bool    `json:"failed,omitempty"`
	Cached  bool    `json:"cached,omitempty"` // not applied: a layer had it

	CheckpointSeconds float64 `json:"checkpoint_seconds,omitempty"` // not in Seconds

	// The builder adds these.
	Digest  string `json:"digest,omitempty"`   // of the disk after it
	BuildID string `json:"build_id,omitempty"` // cached: of the build that made the layer
}

// readTaskTimes returns nothing when no provisioner wrote the file.
func readTaskTimes(path string) []taskTime {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var tasks []taskTime
	if err := json.Unmarshal(data, &tasks); err != nil {
		return nil
	}
	return tasks
}

// render is the table that closes a build: phases, the tasks within `provision`, and the rest.
func (t *timings) render(tasks []taskTime) string {
	writer := table.NewWriter()
	writer.SetStyle(table.StyleLight)
	writer.Style().Options.SeparateRows = false
	writer.SetColumnConfigs([]table.ColumnConfig{{Number: 2, Align: text.AlignRight}, {Number: 3, Align: text.AlignRight}})
	writer.AppendHeader(table.Row{"where the time went", "seconds", "%"})
	total := time.Since(t.started).Seconds()
	other := total
	for _, p := range t.Phases {
		other -= p.Seconds
		if p.Seconds < 0.05 {
			continue
		}
		writer.AppendRow(row(p.Name, p.Seconds, total))
		if p.Name == "provision" {
			appendTasks(writer, tasks, total)
		}
	}
	writer.AppendRow(row("other", other, total))
	writer.AppendSeparator()
	writer.AppendRow(row("total", total, total))
	return writer.Render()
}

func appendTasks(writer table.Writer, tasks []taskTime, total float64) {
	for _, task := range tasks {
		if task.Cached {
			writer.AppendRow(table.Row{"  task " + task.Task, "cached", ""})
		} else {
			writer.AppendRow(row("  task "+task.Task, task.Seconds, total))
		}
	}
}

func row(name string, seconds, total float64) table.Row {
	return table.Row{name, fmt.Sprintf("%.1f", seconds), fmt.Sprintf("%.0f", 100*seconds/max(total, 0.001))}
}
