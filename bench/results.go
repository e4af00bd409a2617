package main

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
)

type results []result

// add tells at once how the build went.
func (all *results) add(r result, err error) error {
	if err != nil {
		return err
	}
	fmt.Printf("  %.1f s, %.1f s of processors, %d MiB\n", r.wall.Seconds(), r.cpu.Seconds(), r.size>>20)
	*all = append(*all, r)
	return nil
}

// find returns the build that is compared with.
func (all results) find(who, what string) result {
	for _, r := range all {
		if r.who == who && r.what == what {
			return r
		}
	}
	return result{}
}

func (all results) print(out io.Writer) {
	builds := newTable(out, "build", "by", "wall s", "CPU s", "MiB", "wall/peer", "CPU/peer")
	for _, r := range all {
		other := all.find(peer, r.what)
		builds.AppendRow(table.Row{r.what, r.who, seconds(r.wall.Seconds()), seconds(r.cpu.Seconds()), r.size >> 20,
			ratio(r.wall.Seconds(), other.wall.Seconds()), ratio(r.cpu.Seconds(), other.cpu.Seconds())})
	}
	builds.Render()
	where := newTable(out, "where Ingot's time went", "wall s", "boot", "tasks", "shut down", "export", "overhead")
	phases := newTable(out, "phases of its manifest", "s")
	for _, r := range all {
		if r.who != ingot || r.what == unchanged {
			continue
		}
		p := r.parts()
		where.AppendRow(table.Row{r.what, seconds(r.wall.Seconds()), seconds(p.boot), seconds(p.tasks), seconds(p.shutDown), seconds(p.export), seconds(p.overhead)})
		for _, phase := range r.manifest.Phases {
			phases.AppendRow(table.Row{r.what + ": " + phase.Phase, seconds(phase.Seconds)})
		}
		for _, task := range r.manifest.Tasks {
			phases.AppendRow(table.Row{r.what + ": task " + task.Task, seconds(task.Seconds)})
		}
	}
	where.Render()
	phases.Render()
}

func newTable(out io.Writer, header ...any) table.Writer {
	writer := table.NewWriter()
	writer.SetOutputMirror(out)
	writer.SetStyle(table.StyleLight)
	writer.AppendHeader(header)
	return writer
}

func seconds(s float64) string { return fmt.Sprintf("%.1f", s) }

func ratio(ours, theirs float64) string { return fmt.Sprintf("%.3f", ours/theirs) }
