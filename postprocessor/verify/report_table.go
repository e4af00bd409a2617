package verify

import (
	"fmt"
	"strings"

	packersdk "github.com/hashicorp/packer-plugin-sdk/packer"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// show writes the table, then each problem, and what was not looked at.
func (r report) show(ui packersdk.Ui) {
	for line := range strings.Lines(r.table()) {
		ui.Say(strings.TrimRight(line, "\n"))
	}
	for _, c := range r.Checks {
		if c.Skipped != "" {
			ui.Sayf("  %s: %s: not looked at: %s", c.Phase, c.Name, c.Skipped)
		}
	}
	for _, problem := range r.problems() {
		ui.Error(problem)
	}
}

func (r report) table() string {
	writer := table.NewWriter()
	writer.SetStyle(table.StyleLight)
	var columns []table.ColumnConfig
	for number := 2; number <= 4; number++ {
		columns = append(columns, table.ColumnConfig{Number: number, Align: text.AlignRight})
	}
	writer.SetColumnConfigs(columns)
	writer.AppendHeader(table.Row{"verified", "checks", "problems", "seconds"})
	checks, problems := 0, 0
	for _, p := range r.Phases {
		checks, problems = checks+p.Checks, problems+p.Problems
		writer.AppendRow(table.Row{p.Phase, p.Checks, p.Problems, fmt.Sprintf("%.1f", p.Seconds)})
	}
	writer.AppendSeparator()
	writer.AppendRow(table.Row{"total", checks, problems, fmt.Sprintf("%.1f", r.Seconds)})
	return writer.Render()
}
