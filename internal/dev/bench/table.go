package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Print writes the report for people. Its last line has the two ratios.
func (r *Report) Print(w io.Writer) {
	for _, l := range r.Levels {
		l.print(w)
	}
	if r.Soak != nil {
		r.Soak.print(w)
	}
	printTargets(w, r.Targets)
	if len(r.Levels) > 0 {
		fmt.Fprintln(w, r.lastLine())
	}
}

func (r *Report) lastLine() string {
	l, ok := r.level(judged)
	if !ok {
		l = r.Levels[len(r.Levels)-1]
	}
	ratio := func(s Spread) string {
		if s == (Spread{}) {
			return "-"
		}
		return fmt.Sprintf("%.2f", s.Median)
	}
	return fmt.Sprintf(
		"bench: packhorse/floor %s, packhorse/naive %s at %d in flight", ratio(l.ToFloor), ratio(l.ToNaive), l.InFlight,
	)
}

func (l Level) print(w io.Writer) {
	var shown []Variant
	for _, v := range Variants {
		if l.Results[v] != nil {
			shown = append(shown, v)
		}
	}
	rounds := len(l.Results[shown[0]].Rounds)
	fmt.Fprintf(w, "\n%d in flight, %d orders a round, %d rounds\n", l.InFlight, l.Orders, rounds)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	row := func(name string, cell func(*Result) string) {
		fmt.Fprintf(table, "%s\t", name)
		for _, v := range shown {
			fmt.Fprintf(table, "%s\t", cell(l.Results[v]))
		}
		fmt.Fprintln(table)
	}
	fmt.Fprintf(table, "\t%s\t\n", strings.Join(names(shown), "\t"))
	row("orders/s", func(r *Result) string { return r.OrdersPerSecond.text(1) })
	row("command p50 / p99, ms", func(r *Result) string { return r.CommandSeconds.text() })
	for _, step := range Steps {
		row("· "+string(step), func(r *Result) string { return r.StepSeconds[step].text() })
	}
	for _, figure := range figures {
		row(figure.name, func(r *Result) string { return fmt.Sprintf("%.*f", figure.digits, figure.of(r)) })
	}
	_ = table.Flush()
	l.printStages(w, shown)
	for _, by := range []struct {
		v     Variant
		speed Spread
	}{{Floor, l.ToFloor}, {Naive, l.ToNaive}} {
		if by.speed != (Spread{}) {
			fmt.Fprintf(w, "packhorse/%s %s; by CPU time, which other load disturbs less, %.2f\n",
				by.v, by.speed.text(2), l.Results[by.v].PerOrder.CPU()/l.Results[Packhorse].PerOrder.CPU())
		}
	}
}

// figures are the rows of what an order costs.
var figures = []struct {
	name   string
	digits int
	of     func(*Result) float64
}{
	{"workflow tasks", 1, func(r *Result) float64 { return r.History.WorkflowTasks }},
	{"updates", 1, func(r *Result) float64 { return r.History.Updates }},
	{"activities", 1, func(r *Result) float64 { return r.History.Activities }},
	{"local activities", 1, func(r *Result) float64 { return r.History.Markers }},
	{"history events", 1, func(r *Result) float64 { return r.History.Events }},
	{"history bytes", 0, func(r *Result) float64 { return r.History.Bytes }},
	{"commits", 1, func(r *Result) float64 { return r.PerOrder.Commits }},
	{"SQL statements", 1, func(r *Result) float64 { return r.PerOrder.Statements }},
	{"SQL round trips", 1, func(r *Result) float64 { return r.PerOrder.RoundTrips }},
	{"WAL bytes", 0, func(r *Result) float64 { return r.PerOrder.WALBytes }},
	{"CPU ms", 1, func(r *Result) float64 { return 1000 * r.PerOrder.CPU() }},
	{"· worker", 2, func(r *Result) float64 { return 1000 * r.PerOrder.WorkerCPU }},
	{"· Temporal", 2, func(r *Result) float64 { return 1000 * r.PerOrder.TemporalCPU }},
	{"· PostgreSQL", 2, func(r *Result) float64 { return 1000 * r.PerOrder.PostgresCPU }},
	{"· callers", 2, func(r *Result) float64 { return 1000 * r.PerOrder.CallersCPU }},
	{"· idle workers", 2, func(r *Result) float64 { return 1000 * r.PerOrder.IdleWorkerCPU }},
	{"worker's peak memory, MiB", 0, func(r *Result) float64 { return float64(r.PeakBytes) / (1 << 20) }},
}

// printStages shows where the time goes: how often per order, how long each time, and both together.
func (l Level) printStages(w io.Writer, shown []Variant) {
	fmt.Fprintln(w, "where an order's time goes: times × ms each = ms (stages overlap)")
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\t%s\t\n", strings.Join(names(shown), "\t"))
	for i, s := range l.Results[shown[0]].Stages {
		fmt.Fprintf(table, "%s\t", s.Name)
		for _, v := range shown {
			s := l.Results[v].Stages[i]
			if s.PerOrder == 0 {
				fmt.Fprint(table, "-\t")
				continue
			}
			fmt.Fprintf(table, "%.1f × %.1f = %.1f\t", s.PerOrder, 1000*s.Mean, 1000*s.Seconds)
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush()
}

func names(variants []Variant) []string {
	var all []string
	for _, v := range variants {
		all = append(all, string(v))
	}
	return all
}

func (s Spread) text(digits int) string {
	return fmt.Sprintf("%.*f [%.*f..%.*f]", digits, s.Median, digits, s.Min, digits, s.Max)
}

func (l Latency) text() string { return fmt.Sprintf("%.1f / %.1f", 1000*l.P50, 1000*l.P99) }
