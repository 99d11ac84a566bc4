package growth

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// summarize makes figures of times.
func (r *Result) summarize(all []query, stores []*store) {
	for _, s := range stores {
		r.Stores = append(r.Stores, s.Loaded)
		r.RoundTrips, r.Statements = max(r.RoundTrips, s.trips), max(r.Statements, s.statements[commitName])
	}
	together := make([][]time.Duration, len(stores))
	for _, q := range all {
		times := make([][]time.Duration, len(stores))
		statements := 0
		for i, s := range stores {
			times[i] = s.took[q.name]
			if q.aside == "" {
				together[i] = append(together[i], times[i]...)
			}
			statements = max(statements, s.statements[q.name])
		}
		figures := newQuery(q.name, times, statements)
		figures.Aside = q.aside
		r.Queries = append(r.Queries, figures)
	}
	r.Lists = newQuery("all lists", together, 0)
	commits := make([][]time.Duration, len(stores))
	for i, s := range stores {
		commits[i] = s.took[commitName]
	}
	r.Commit = newQuery(commitName, commits, r.Statements)
}

// newQuery makes figures of times by store.
func newQuery(name string, times [][]time.Duration, statements int) Query {
	q := Query{Name: name, Runs: len(times[0]), Statements: statements}
	for _, t := range times {
		slices.Sort(t)
		q.P50, q.P99 = append(q.P50, percentile(t, 50)), append(q.P99, percentile(t, 99))
	}
	last := len(times) - 1
	q.RatioP50 = float64(q.P50[last]) / float64(q.P50[0])
	q.RatioP99 = float64(q.P99[last]) / float64(q.P99[0])
	return q
}

// percentile is that of sorted times; zero of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*p/100]
}

// table writes the figures of lists and commits for people.
func (r Result) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	header := []string{"milliseconds"}
	for _, what := range []string{"p50", "p99"} {
		for _, s := range r.Stores {
			header = append(header, fmt.Sprintf("%s of %s", what, short(s.Size)))
		}
		header = append(header, "ratio")
	}
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") } // Flush tells of errors.
	row(header...)
	for _, q := range append(slices.Clone(r.Queries), r.Lists, r.Commit) {
		cells := []string{q.Name}
		if q.Aside != "" {
			cells[0] += " (" + q.Aside + ")"
		}
		for _, t := range []struct {
			times []time.Duration
			ratio float64
		}{{q.P50, q.RatioP50}, {q.P99, q.RatioP99}} {
			for _, d := range t.times {
				cells = append(cells, fmt.Sprintf("%.2f", float64(d.Microseconds())/1000))
			}
			cells = append(cells, fmt.Sprintf("%.2f", t.ratio))
		}
		row(cells...)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out,
		"a commit is %d statements in %d round trips at most; %d runs of each query and %d commits on each store\n",
		r.Statements, r.RoundTrips, r.Queries[0].Runs, r.Commit.Runs)
	for _, missed := range r.Missed() {
		if err == nil {
			_, err = fmt.Fprintln(out, "missed:", missed)
		}
	}
	return err
}

func short(n int) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%.3gM", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.3gk", float64(n)/1e3)
	}
	return fmt.Sprint(n)
}
