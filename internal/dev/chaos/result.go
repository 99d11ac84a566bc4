package chaos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// Result is what came of a run.
type Result struct {
	Seed       uint64
	Duration   time.Duration
	Rested     time.Duration // how long it took to come to rest after everything was healed
	Orders     int           // that were answered "done"
	Commands   int           // on orders that exist, whatever became of them
	Faults     map[Kind]int
	Provider   map[string]int // faults of the simulated provider, by name
	Outcomes   map[string]map[outcome]int
	Assertions []audit.Assertion
	Stories    string // of orders with violations
	Logs       string // the folder with the logs; gone if there are no violations
	// WorkersEnded is how often a worker ended although the monkey had not hurt it. It is started again, and nothing
	// may be lost by it.
	WorkersEnded int
}

// take adds what the actors saw and the checker found.
func (r *Result) take(j *journal, report audit.Report) {
	r.Outcomes = j.outcomes
	for verb, outcomes := range j.outcomes {
		for how, n := range outcomes {
			switch {
			case verb != verbCreateOrder:
				r.Commands += n
			case how == done:
				r.Orders += n
			}
		}
	}
	for _, name := range j.names {
		r.Assertions = append(r.Assertions, *j.promises[name])
	}
	r.Assertions = append(r.Assertions, report.Assertions...)
}

// Violations are those of all assertions.
func (r *Result) Violations() []audit.Violation {
	return audit.Report{Assertions: r.Assertions}.Violations()
}

// FaultCount is the number of faults, the monkey's and the provider's.
func (r *Result) FaultCount() int {
	total := 0
	for _, n := range r.Faults {
		total += n
	}
	for _, n := range r.Provider {
		total += n
	}
	return total
}

// LastLine is the run in one line.
func (r *Result) LastLine() string {
	return fmt.Sprintf(
		"chaos: %d orders, %d commands, %d faults, %d violations", r.Orders, r.Commands, r.FaultCount(),
		len(r.Violations()),
	)
}

// resultFile has, among the logs, what [Result.Print] writes.
const resultFile = "result.txt"

// keep writes the result to the logs, where it is found beside the evidence whatever became of what was printed.
func (r *Result) keep() error {
	var text bytes.Buffer
	if err := r.Print(&text); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.Logs, resultFile), text.Bytes(), 0o644)
}

const (
	maxViolations = 20 // of an assertion that are printed
	maxStories    = 3
)

// Print writes the tables, and [Result.LastLine] last.
func (r *Result) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "Fault\tTimes\n")
	for _, kind := range slices.Sorted(maps.Keys(r.Faults)) {
		fmt.Fprintf(t, "%s\t%d\n", kind, r.Faults[kind])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Provider)) {
		fmt.Fprintf(t, "provider: %s\t%d\n", name, r.Provider[name])
	}
	fmt.Fprintf(t, "\nCommand\tDone\tRefused\tUnknown\n")
	for _, verb := range slices.Sorted(maps.Keys(r.Outcomes)) {
		o := r.Outcomes[verb]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\n", verb, o[done], o[refused], o[unknown])
	}
	fmt.Fprintf(t, "\nAssertion\tChecked\tViolations\n")
	for _, a := range r.Assertions {
		fmt.Fprintf(t, "%s\t%d\t%d\n", a.Name, a.Checked, len(a.Violations))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	fmt.Fprintf(
		w, "\nAt rest %.1f s after everything was healed; %d workers ended by themselves.\n", r.Rested.Seconds(),
		r.WorkersEnded,
	)
	if len(r.Violations()) > 0 {
		fmt.Fprintf(w, "\nViolations with seed %d:\n", r.Seed)
		for _, a := range r.Assertions {
			for i, v := range a.Violations {
				if i == maxViolations {
					fmt.Fprintf(w, "%s: %d more\n", a.Name, len(a.Violations)-i)
					break
				}
				fmt.Fprintf(
					w, "%s: order %d, fulfillment order %d: %s\n", a.Name, v.OrderID, v.FulfillmentOrderID, v.What,
				)
			}
		}
		fmt.Fprintf(w, "%s\nThe logs are in %s\n", r.Stories, r.Logs)
	}
	_, err := fmt.Fprintln(w, r.LastLine())
	return err
}

// tellStories adds the stories of the first orders with violations, and keeps their workflows' histories.
func (r *run) tellStories(ctx context.Context) error {
	if len(r.result.Violations()) == 0 {
		return nil
	}
	if err := r.keepProvider(ctx); err != nil {
		return err
	}
	var told []fulfillment.ID
	var text strings.Builder
	for _, v := range r.result.Violations() {
		if v.OrderID == 0 || slices.Contains(told, v.OrderID) || len(told) == maxStories {
			continue
		}
		told = append(told, v.OrderID)
		story, err := audit.Story(ctx, r.stage.sources, v.OrderID)
		if err != nil {
			return fmt.Errorf("tell the story of order %d: %w", v.OrderID, err)
		}
		fmt.Fprintf(&text, "\nOrder %d, seed %d:\n%s\n", v.OrderID, r.Seed, story)
		if err := r.keepHistories(ctx, v.OrderID); err != nil {
			return err
		}
	}
	r.result.Stories = text.String()
	return nil
}

// countProvider counts what the simulated provider did to make it hard, by its own books.
func countProvider(ctx context.Context, database *pgxpool.Pool) (map[string]int, error) {
	var lost, late, doubled int
	err := database.QueryRow(ctx, `
SELECT (SELECT coalesce(sum(calls), 0) FROM simulated_provider.effects WHERE (settings->>'lostAnswerRate')::float = 1),
       (SELECT count(*) FROM simulated_provider.schedule s JOIN simulated_provider.effects e USING (key)
        WHERE s.action->>'name' = 'answer' AND e.settings->>'answer' = $1),
       (SELECT count(*) FROM simulated_provider.schedule WHERE action->>'name' = 'answer-again')`,
		string(simulated.AnswerImmediate)).Scan(&lost, &late, &doubled)
	if err != nil {
		return nil, fmt.Errorf("read the provider's books: %w", err)
	}
	return map[string]int{"lost answers": lost, "late answers": late, "doubled answers": doubled}, nil
}
