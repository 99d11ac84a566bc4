package bench

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

// WebhooksReport is everything that was measured of webhooks. What was not is empty.
type WebhooksReport struct {
	At      time.Time         `json:"at"`
	Machine Machine           `json:"machine"`
	Fsync   bool              `json:"fsync"`
	Topics  []string          `json:"topics"` // of which a life has events, the one with the most first
	Cost    []*HearingCost    `json:"cost,omitempty"`
	Latency []*HearingLatency `json:"latency,omitempty"`
	Backlog *Backlog          `json:"backlog,omitempty"`
	Targets []Target          `json:"targets"`
}

// What webhooks must reach.
const (
	leastToSilence  = 0.95 // orders/s with one subscription by those without
	mostToArrive    = 0.3  // seconds, p99
	leastDeliveries = 3000 // a second, of a backlog
	leastToOneByOne = 60
	mostHeapGrowth  = 2.0 // the heap at the end of a backlog by that at its beginning
)

func (r *WebhooksReport) targets() []Target {
	var targets []Target
	add := func(met bool, name, got string) { targets = append(targets, Target{name, got, met}) }
	for _, c := range r.Cost {
		if c.Hearing == HearsOne {
			add(c.ToSilence.Median >= leastToSilence,
				fmt.Sprintf("orders/s with one subscription at least %.2f of without", leastToSilence),
				fmt.Sprintf("%.2f", c.ToSilence.Median))
		}
	}
	for _, l := range r.Latency {
		if l.Hearing == HearsOne {
			add(l.P99 <= mostToArrive,
				fmt.Sprintf("from commit to arrival at most %.0f ms (p99) at %.0f orders/s", 1000*mostToArrive,
					l.OrdersPerSecond),
				fmt.Sprintf("%.0f ms", 1000*l.P99))
		}
	}
	if b := r.Backlog; b != nil {
		add(b.PerSecond >= leastDeliveries, fmt.Sprintf("at least %d deliveries/s", leastDeliveries),
			fmt.Sprintf("%.0f", b.PerSecond))
		add(b.Ratio >= leastToOneByOne,
			fmt.Sprintf("at least %d times an activity for each delivery", leastToOneByOne),
			fmt.Sprintf("%.0f", b.Ratio))
		grown := b.LastHeap / max(1, b.FirstHeap)
		add(grown <= mostHeapGrowth,
			fmt.Sprintf("heap in the last tenth of a backlog at most %.0f times that in the first", mostHeapGrowth),
			fmt.Sprintf("%.2f", grown))
	}
	return targets
}

// Missed are the targets that were not reached.
func (r *WebhooksReport) Missed() []Target { return missed(r.Targets) }

// Print writes the report for people.
func (r *WebhooksReport) Print(w io.Writer) {
	if len(r.Cost) > 0 {
		r.printCost(w)
	}
	if len(r.Latency) > 0 {
		fmt.Fprintln(w, "\nfrom commit to arrival")
		table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
		fmt.Fprint(table, "\torders/s\tevents\tp50 / p99, ms\tlongest, ms\tload\t\n")
		for _, l := range r.Latency {
			fmt.Fprintf(table, "%s\t%.1f\t%d\t%s\t%.0f\t%.1f\t\n", l.Hearing, l.OrdersPerSecond, l.Events, l.text(),
				1000*l.Max, l.Load)
		}
		_ = table.Flush()
	}
	if r.Backlog != nil {
		r.Backlog.print(w)
	}
	printTargets(w, r.Targets)
}

func (r *WebhooksReport) printCost(w io.Writer) {
	fmt.Fprintf(w, "\norders with and without subscriptions, %d rounds\n", len(r.Cost[0].Rounds))
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	names := make([]string, len(r.Cost))
	for i, c := range r.Cost {
		names[i] = string(c.Hearing)
	}
	fmt.Fprintf(table, "\t%s\t\n", strings.Join(names, "\t"))
	row := func(name string, cell func(*HearingCost) string) {
		fmt.Fprintf(table, "%s\t", name)
		for _, c := range r.Cost {
			fmt.Fprintf(table, "%s\t", cell(c))
		}
		fmt.Fprintln(table)
	}
	row("orders/s", func(c *HearingCost) string { return c.Result.OrdersPerSecond.text(1) })
	row("by no subscription", func(c *HearingCost) string { return c.ToSilence.text(2) })
	row("the same by CPU time", func(c *HearingCost) string { return fmt.Sprintf("%.2f", c.CPUToSilence) })
	row("deliveries an order", func(c *HearingCost) string {
		return fmt.Sprintf("%.1f", float64(c.Events)/float64(len(c.Rounds)*c.Rounds[0].Orders))
	})
	row("command p50 / p99, ms", func(c *HearingCost) string { return c.Result.CommandSeconds.text() })
	for _, figure := range figures {
		switch figure.name {
		case "SQL round trips", "WAL bytes", "CPU ms", "· worker", "· Temporal", "· PostgreSQL", "· callers":
			row(figure.name, func(c *HearingCost) string {
				return fmt.Sprintf("%.*f", figure.digits, figure.of(c.Result))
			})
		}
	}
	_ = table.Flush()
}

func (b *Backlog) print(w io.Writer) {
	const mib = 1 << 20
	n := float64(b.Events)
	fmt.Fprintf(w, "\na backlog of %d events of %s, %.0f bytes each\n", b.Events, b.Topic, b.EventBytes)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "deliveries/s\t%.0f\t\n", b.PerSecond)
	fmt.Fprintf(table, "the same with an activity for each\t%.0f\t\n", b.OneByOnePerSecond)
	fmt.Fprintf(table, "ratio\t%.0f\t\n", b.Ratio)
	fmt.Fprintf(table, "requests\t%d\t\n", b.Requests)
	fmt.Fprintf(table, "CPU µs each: worker, PostgreSQL, receiver\t%.0f, %.0f, %.0f\t\n", 1e6*b.WorkerCPU/n,
		1e6*b.PostgresCPU/n, 1e6*b.ReceiverCPU/n)
	fmt.Fprintf(table, "SQL round trips\t%.0f\t\n", b.RoundTrips)
	fmt.Fprintf(table, "WAL bytes each\t%.0f\t\n", b.WALBytes/n)
	fmt.Fprintf(table, "heap in the first tenth, in the last, MiB\t%.1f, %.1f\t\n", b.FirstHeap/mib, b.LastHeap/mib)
	fmt.Fprintf(table, "resident memory likewise, MiB\t%.1f, %.1f\t\n", float64(b.FirstResident)/mib,
		float64(b.LastResident)/mib)
	fmt.Fprintf(table, "load\t%.1f\t\n", b.Load)
	_ = table.Flush()
}

// load1 is how many processes ran or wanted to, on the mean of the last minute; 0: it is not known.
func load1() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	var load float64
	_, _ = fmt.Sscan(string(text), &load)
	return load
}
