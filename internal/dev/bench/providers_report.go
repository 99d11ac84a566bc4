package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"packhorse/internal/fulfillment"
)

// ProvidersReport is everything that was measured of providers. What was not is empty.
type ProvidersReport struct {
	At       time.Time            `json:"at"`
	Machine  Machine              `json:"machine"`
	Fsync    bool                 `json:"fsync"`
	InFlight int                  `json:"inFlight,omitempty"` // of the cost
	Cost     []*SellerCost        `json:"cost,omitempty"`
	Delay    fulfillment.Duration `json:"delay,omitempty"`  // of the slow provider
	AtOnce   int                  `json:"atOnce,omitempty"` // requests that wait for it
	Beside   []*Beside            `json:"beside,omitempty"`
	Targets  []Target             `json:"targets"`
}

// What providers must reach.
const (
	leastToSimulated = 0.8 // orders/s by the HTTP provider by those of the simulated one
	mostToQuick      = 1.2 // p99 beside a slow provider by that beside one that is asked as often and answers at once
)

func (r *ProvidersReport) targets() []Target {
	var targets []Target
	add := func(met bool, name string, got float64) {
		targets = append(targets, Target{name, fmt.Sprintf("%.2f", got), met})
	}
	for _, c := range r.Cost {
		if c.Seller == OverHTTP {
			add(c.ToSimulated.Median >= leastToSimulated,
				fmt.Sprintf("orders/s by HTTP at least %.1f of the simulated provider's", leastToSimulated),
				c.ToSimulated.Median)
		}
	}
	for _, b := range r.Beside {
		if b.Company == BesideSlow {
			slow := fmt.Sprintf("beside a provider that answers in %s, %d at a time, at most %.1f times "+
				"that beside a quick one",
				time.Duration(r.Delay), r.AtOnce, mostToQuick)
			add(b.AcceptedToQuick.Median <= mostToQuick, "p99 from request to acceptance "+slow,
				b.AcceptedToQuick.Median)
			add(b.CommandsToQuick.Median <= mostToQuick, "p99 of commands "+slow, b.CommandsToQuick.Median)
		}
	}
	return targets
}

// Missed are the targets that were not reached.
func (r *ProvidersReport) Missed() []Target { return missed(r.Targets) }

// Print writes the report for people.
func (r *ProvidersReport) Print(w io.Writer) {
	if len(r.Cost) > 0 {
		r.printCost(w)
	}
	if len(r.Beside) > 0 {
		r.printBeside(w)
	}
	printTargets(w, r.Targets)
}

func (r *ProvidersReport) printCost(w io.Writer) {
	fmt.Fprintf(w, "\norders by each provider, %d in flight, %d rounds\n", r.InFlight, len(r.Cost[0].Rounds))
	row, flush := columns(w, r.Cost)
	row("", func(c *SellerCost) string { return string(c.Seller) })
	row("orders/s", func(c *SellerCost) string { return c.Result.OrdersPerSecond.text(1) })
	row("by simulated", func(c *SellerCost) string { return c.ToSimulated.text(2) })
	row("the same by CPU time", func(c *SellerCost) string {
		return fmt.Sprintf("%.2f", r.Cost[0].Result.PerOrder.CPU()/c.Result.PerOrder.CPU())
	})
	row("request to acceptance p50 / p99, ms", func(c *SellerCost) string {
		return c.Result.StepSeconds[Accept].text()
	})
	row("command p50 / p99, ms", func(c *SellerCost) string { return c.Result.CommandSeconds.text() })
	for _, figure := range figures {
		switch figure.name {
		case "SQL statements", "SQL round trips", "WAL bytes", "CPU ms", "· worker", "· Temporal", "· PostgreSQL",
			"· callers":
			row(figure.name, func(c *SellerCost) string {
				return fmt.Sprintf("%.*f", figure.digits, figure.of(c.Result))
			})
		}
	}
	for i, stage := range r.Cost[0].Result.Stages {
		row(stage.Name+", ms each", func(c *SellerCost) string {
			return fmt.Sprintf("%.1f", 1000*c.Result.Stages[i].Mean)
		})
	}
	flush()
}

func (r *ProvidersReport) printBeside(w io.Writer) {
	fmt.Fprintf(w, "\norders of the simulated provider beside one that answers in %s, %d at a time, %d rounds\n",
		time.Duration(r.Delay), r.AtOnce, len(r.Beside[0].Rounds))
	row, flush := columns(w, r.Beside)
	mean := func(of func(*BesideRound) float64) func(b *Beside) string {
		return func(b *Beside) string {
			sum := 0.0
			for _, round := range b.Rounds {
				sum += of(round)
			}
			return fmt.Sprintf("%.1f", sum/float64(len(b.Rounds)))
		}
	}
	row("", func(b *Beside) string { return string(b.Company) })
	row("orders/s", mean(func(r *BesideRound) float64 { return r.OrdersPerSecond }))
	row("request to acceptance p50 / p99, ms", func(b *Beside) string { return b.Accepted.text() })
	row("p99 by alone, round by round", func(b *Beside) string { return b.AcceptedToAlone.text(2) })
	row("p99 by beside a quick one", func(b *Beside) string { return b.AcceptedToQuick.text(2) })
	row("command p50 / p99, ms", func(b *Beside) string { return b.Commands.text() })
	row("p99 by alone, round by round", func(b *Beside) string { return b.CommandsToAlone.text(2) })
	row("p99 by beside a quick one", func(b *Beside) string { return b.CommandsToQuick.text(2) })
	row("requests at the slow provider", mean(func(r *BesideRound) float64 { return r.SlowAtOnce }))
	row("of these answered each second", mean(func(r *BesideRound) float64 { return r.SlowPerSecond }))
	row("load", mean(func(r *BesideRound) float64 { return r.Load }))
	flush()
}

// columns is a table with a column for each of all.
func columns[T any](w io.Writer, all []T) (row func(name string, cell func(T) string), flush func()) {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	row = func(name string, cell func(T) string) {
		fmt.Fprintf(table, "%s\t", name)
		for _, one := range all {
			fmt.Fprintf(table, "%s\t", cell(one))
		}
		fmt.Fprintln(table)
	}
	return row, func() { _ = table.Flush() }
}
