package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// soon is how near a time must be for its event to count as under way: a deadline, or a step of the simulated service.
// What is further off is not waited for.
const soon = time.Minute

// AtRest tells what is still under way, in words; "" when nothing is: no update in flight, no effect outstanding, no
// step of the simulated service due, no workflow task or activity running. It asks what is cheap first, and reads the
// whole store at once. The error tells that something couldn't be read.
func AtRest(ctx context.Context, from Sources) (waitingFor string, err error) {
	for _, ask := range []func(context.Context, Sources) (string, error){
		simulatorAtRest, effectsAtRest, callbacksAtRest, runsAtRest,
	} {
		if waitingFor, err = ask(ctx, from); err != nil || waitingFor != "" {
			return waitingFor, err
		}
	}
	return "", nil
}

// simulatorAtRest asks past every lease, so that it hears of steps that are being taken, too.
func simulatorAtRest(ctx context.Context, from Sources) (string, error) {
	due, any, err := from.Ledger.Next(ctx, time.Now().Add(soon))
	if err != nil || !any || time.Until(due) > soon {
		return "", err
	}
	return "a step of the simulated service, due at " + due.Format(clock), nil
}

// selectOutstanding are the effects that Packhorse itself still works on: one that the provider has taken is the
// provider's to answer.
const selectOutstanding = `
SELECT count(*), coalesce(min(id), 0) FROM fulfillment_orders
WHERE jsonb_path_exists(snapshot, '$.effects[*] ? (@.status == "DUE" || @.status == "UNKNOWN")')`

func effectsAtRest(ctx context.Context, from Sources) (string, error) {
	var count int
	var one fulfillment.ID
	if err := from.Database.QueryRow(ctx, selectOutstanding).Scan(&count, &one); err != nil {
		return "", fmt.Errorf("look for effects: %w", err)
	}
	if count == 0 {
		return "", nil
	}
	return fmt.Sprintf("effects of %d fulfillment orders, such as fulfillment order %d", count, one), nil
}

// runsAtRest looks at the open runs: those of orders are short, those of fulfillment orders wait quietly or are over.
func runsAtRest(ctx context.Context, from Sources) (string, error) {
	// Servers that pause no workflows don't know the word for it.
	found, err := listRuns(ctx, from, " AND ExecutionStatus NOT IN ('Completed', 'ContinuedAsNew', 'Failed', "+
		"'TimedOut', 'Terminated', 'Canceled')")
	if err != nil {
		return "", err
	}
	var open []*run
	for _, id := range slices.Sorted(maps.Keys(found)) {
		open = append(open, found[id]...)
	}
	if err := describeOpen(ctx, from, open); err != nil {
		return "", err
	}
	open = slices.DeleteFunc(open, func(r *run) bool { return !r.open() })
	for _, r := range open {
		switch {
		case r.paused():
			return r.WorkflowID + ", which is paused", nil
		case r.fulfillmentOrderID() == 0:
			return r.WorkflowID, nil
		case r.taskAttempt > 0:
			return fmt.Sprintf("workflow task of %s, attempt %d", r.WorkflowID, r.taskAttempt), nil
		case len(r.waits) > 0:
			return r.WorkflowID + ": " + strings.Join(r.waits, ", "), nil
		}
	}
	if waitingFor, err := livesAtRest(ctx, from, open); err != nil || waitingFor != "" {
		return waitingFor, err
	}
	read := func(ctx context.Context, r *run) error { return r.readHistory(ctx, from) }
	if err := parallel(ctx, from, open, read); err != nil {
		return "", err
	}
	if waitingFor, err := statesAtRest(ctx, from, open); err != nil || waitingFor != "" {
		return waitingFor, err
	}
	for _, r := range open {
		for _, c := range r.received {
			if c.updateID != "" && !c.completed {
				return fmt.Sprintf("%s %q at %s", c.name, c.updateID, r.WorkflowID), nil
			}
		}
		for _, summary := range r.leases {
			return fmt.Sprintf("%s: timer %q", r.WorkflowID, summary), nil
		}
	}
	return "", nil
}

// statesAtRest looks for workflows that are behind the store: a workflow task was lost after its commit, and the watch
// has not found it yet.
func statesAtRest(ctx context.Context, from Sources, open []*run) (string, error) {
	asked := make([]*compared, 0, len(open))
	for _, r := range open {
		asked = append(asked, &compared{run: r})
	}
	err := parallel(ctx, from, asked, func(ctx context.Context, c *compared) error {
		if err := c.ask(ctx, from); err != nil || c.state == nil {
			return err
		}
		return from.Database.QueryRow(
			ctx, `SELECT snapshot FROM fulfillment_orders WHERE id = $1`, c.run.fulfillmentOrderID(),
		).Scan(&c.snapshot)
	})
	if err != nil {
		return "", fmt.Errorf("compare states: %w", err)
	}
	for _, c := range asked {
		if c.state != nil && c.state.Sequence < c.snapshot.Sequence {
			return fmt.Sprintf(
				"%s: it has version %d of %d", c.run.WorkflowID, c.state.Sequence, c.snapshot.Sequence,
			), nil
		}
	}
	return "", nil
}

// livesAtRest compares the snapshots with the open runs, and looks for deadlines that are near.
func livesAtRest(ctx context.Context, from Sources, open []*run) (string, error) {
	running := make(map[string]bool, len(open))
	for _, r := range open {
		running[r.WorkflowID] = true
	}
	rows, err := from.Database.Query(ctx, `SELECT snapshot FROM fulfillment_orders ORDER BY id`)
	if err != nil {
		return "", fmt.Errorf("read the snapshots: %w", err)
	}
	snapshots, err := pgx.CollectRows(rows, pgx.RowTo[*fulfillment.FulfillmentOrder])
	if err != nil {
		return "", fmt.Errorf("read the snapshots: %w", err)
	}
	now := time.Now()
	for _, s := range snapshots {
		workflowID := temporalio.FulfillmentOrderID(s.ID)
		if at, what, any := s.NextDeadline(); any && at.Sub(now) < soon {
			return fmt.Sprintf("%s: %s at %s", workflowID, what, at.Format(clock)), nil
		}
		if over := s.Finished(); over == running[workflowID] {
			return fmt.Sprintf("%s: finished %v, open %v", workflowID, over, running[workflowID]), nil
		}
	}
	return "", nil
}
