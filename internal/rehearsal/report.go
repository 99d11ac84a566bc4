package rehearsal

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"packhorse/internal/fulfillment"
)

// Report is what a rehearsal found.
type Report struct {
	Run       string               `json:"run"`
	From      string               `json:"from"` // days
	To        string               `json:"to"`
	Day       fulfillment.Duration `json:"day"`
	StartedAt time.Time            `json:"startedAt"`
	Expected  fulfillment.Duration `json:"expectedDuration"` // from the first step to the last, if the system keeps up
	Took      fulfillment.Duration `json:"duration"`
	Lag       Lag                  `json:"lag"`
	Retries   int                  `json:"retries"` // commands that had to be sent again because no answer came
	Sellers   int                  `json:"sellers"`
	Added     int                  `json:"sellersAdded"` // that the store didn't have yet
	OverHTTP  int                  `json:"sellersOverHTTP"`
	Callbacks int                  `json:"callbacks"` // of these that were taken, those that were sent again included

	File     Totals         `json:"file"`
	Store    Totals         `json:"store"`
	Dirt     Dirt           `json:"oddities"`
	Refusals map[string]int `json:"refusals"` // how often the system refused what, with its own words
	// fulfillment orders whose deadline timer fired, on the rehearsal's clock
	DeadlinesMissed int `json:"deadlinesMissed"`

	WorkflowsFailed         int `json:"workflowsFailed"`
	WorkflowsShouldBeClosed int `json:"workflowsThatShouldBeClosed"`
	WorkflowsShouldBeOpen   int `json:"workflowsThatShouldBeOpen"`
	WorkflowsOpen           int `json:"workflowsOpen"`

	ProviderKeys         int          `json:"providerKeys"`            // idempotency keys in the provider's ledger
	ProviderCalls        int          `json:"providerCalls"`           // calls with them
	ProviderEffects      int          `json:"providerEffects"`         // what the calls did: once for each key
	ProviderMoreThanOnce int          `json:"providerEffectsRepeated"` // keys whose effect happened more than once
	Differences          []Difference `json:"differences"`
}

// Lag is how late steps were played: the system was not as fast as the clock.
type Lag struct {
	Median  fulfillment.Duration `json:"median"`
	Percent fulfillment.Duration `json:"percentile95"`
	Max     fulfillment.Duration `json:"max"`
}

func lagOf(lags []time.Duration) Lag {
	if len(lags) == 0 {
		return Lag{}
	}
	slices.Sort(lags)
	at := func(percent int) fulfillment.Duration {
		return fulfillment.Duration(lags[(len(lags)-1)*percent/100].Round(time.Millisecond))
	}
	return Lag{at(50), at(95), at(100)}
}

// Write writes the report for people. Its last line sums it up.
func (r *Report) Write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "orders purchased from %s to %s, a day in %s (run %s)\n\n", r.From, r.To, duration(r.Day), r.Run)
	fmt.Fprintln(w, "TOTAL\tFILE\tSTORE\t")
	store := r.Store.rows()
	for i, row := range r.File.rows() {
		note := ""
		if row.count != store[i].count {
			note = "differs"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", row.name, row.count, store[i].count, note)
	}
	for _, row := range []totalRow{
		{"workflows failed", r.WorkflowsFailed},
		{"workflows open that should be closed", r.WorkflowsShouldBeClosed},
		{"workflows closed that should be open", r.WorkflowsShouldBeOpen},
		{"effects at the provider that happened more than once", r.ProviderMoreThanOnce},
	} {
		fmt.Fprintf(w, "%s\t%d\t%d\t\n", row.name, 0, row.count)
	}
	fmt.Fprintf(
		w, "\neffects at the provider\t%d keys, %d effects, %d calls\n", r.ProviderKeys, r.ProviderEffects,
		r.ProviderCalls,
	)
	if r.OverHTTP > 0 {
		fmt.Fprintf(w, "warehouses over HTTP\t%d, which told by %d callbacks\n", r.OverHTTP, r.Callbacks)
	}
	fmt.Fprintf(w, "deadline timers that fired\t%d\n", r.DeadlinesMissed)
	fmt.Fprintf(w, "workflows still open\t%d, as they should\n", max(0, r.WorkflowsOpen-r.WorkflowsShouldBeClosed))
	fmt.Fprintf(w, "played in\t%s (%s if nothing is late)\n", duration(r.Took), duration(r.Expected))
	fmt.Fprintf(w, "late by\t%s at most, %s for half of the steps\n", duration(r.Lag.Max), duration(r.Lag.Median))
	fmt.Fprintf(w, "commands sent again\t%d\n", r.Retries)
	for _, row := range r.Dirt.rows() {
		if row.count > 0 {
			fmt.Fprintf(w, "odd in the file\t%d %s\n", row.count, row.name)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(r.Refusals)) {
		fmt.Fprintf(w, "refused\t%d × %s\n", r.Refusals[what], what)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if len(r.Differences) > 0 {
		fmt.Fprintf(out, "\nDifferences:\n")
	}
	for _, d := range r.Differences {
		fmt.Fprintf(out, "  %s\n", d)
	}
	_, err := fmt.Fprintf(out, "\n%s\n", r.Summary())
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// Summary is the rehearsal in one line.
func (r *Report) Summary() string {
	return fmt.Sprintf(
		"rehearsal: %d orders, %d fulfillment orders, %d differences", r.Store.Orders, r.Store.FulfillmentOrders,
		len(r.Differences),
	)
}

// duration is exact enough for people.
func duration(d fulfillment.Duration) string {
	unit := time.Second
	if time.Duration(d) < 10*time.Second {
		unit = time.Millisecond
	}
	return time.Duration(d).Round(unit).String()
}
