package audit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

// Story tells what the store, the workflows and the provider know of an order, as text for a person: its transitions in
// the order of time, the runs with the commands that came to them, and the calls to the provider. An order that the
// store doesn't have still has its workflow.
func Story(ctx context.Context, from Sources, orderID fulfillment.ID) (string, error) {
	t := &teller{from: from, orderID: orderID}
	for _, tell := range []func(context.Context) error{t.order, t.transitions, t.runs, t.calls} {
		if err := tell(ctx); err != nil {
			return t.String(), fmt.Errorf("tell the story of order %d: %w", orderID, err)
		}
	}
	return t.String(), nil
}

// teller writes a story.
type teller struct {
	strings.Builder
	from    Sources
	orderID fulfillment.ID
	steps   []step
	fos     []*fulfillment.FulfillmentOrder
}

// step is a line of the history.
type step struct {
	at   time.Time
	text string
}

func (t *teller) order(ctx context.Context) error {
	record, err := t.from.Store.Order(ctx, t.orderID)
	if err != nil {
		fmt.Fprintf(t, "order %d: %v\n", t.orderID, err) // That it is missing is part of the story.
		return nil
	}
	fmt.Fprintf(
		t, "order %d (%s): %s, %s", t.orderID, record.Name, record.DisplayFulfillmentStatus, record.FulfillmentStatus,
	)
	if record.CancelledAt != nil {
		fmt.Fprintf(t, ", cancelled at %s", record.CancelledAt.Format(clock))
	}
	t.WriteString("\n")
	for i, l := range record.LineItems {
		fmt.Fprintf(t, "  line %d: %d ordered, now %d\n", l.ID, l.Quantity, record.CurrentQuantities[i].Quantity)
	}
	for _, step := range record.Transitions {
		t.add(step.At, "order #%d %s %s %s", step.Sequence, step.Kind, step.CommandID, step.Reason)
	}
	t.fos, err = t.from.Store.FulfillmentOrdersOf(ctx, t.orderID)
	return err
}

func (t *teller) add(at time.Time, format string, args ...any) {
	t.steps = append(t.steps, step{at, strings.TrimSpace(fmt.Sprintf(format, args...))})
}

func (t *teller) transitions(ctx context.Context) error {
	for _, fo := range t.fos {
		fmt.Fprintf(t, "  fulfillment order %d: %s/%s, version %d at %s, supersedes %v, superseded by %v\n", fo.ID,
			fo.Status, fo.RequestStatus,
			fo.Sequence, fo.AssignedLocation.Name, fo.Supersedes, fo.SupersededBy)
		for _, l := range fo.Lines {
			fmt.Fprintf(
				t, "    line %d of %d: %d of %d remain, %d cancelled\n", l.ID, l.LineItemID, l.Remaining, l.Total,
				l.Cancelled,
			)
		}
		for _, effect := range fo.Effects {
			fmt.Fprintf(
				t, "    effect %s %s: %s since %s %s\n", effect.Kind, effect.Key, effect.Status,
				effect.Since.Format(clock), effect.Problem,
			)
		}
		for after := postgres.Cursor(0); ; {
			page, err := t.from.Store.Transitions(ctx, fo.ID, postgres.Page{After: after, Limit: postgres.MaxLimit})
			if err != nil {
				return err
			}
			for _, s := range page.Items {
				t.add(s.At, "%d #%d %s by %s %s: %s -> %s/%s %d/%d", fo.ID, s.Sequence, s.Kind, s.Actor, s.CommandID,
					s.Reason,
					s.After.Status, s.After.RequestStatus, s.After.Remaining, s.After.Total)
			}
			if after = page.Next; !page.HasMore {
				break
			}
		}
	}
	slices.SortStableFunc(t.steps, func(a, b step) int { return a.at.Compare(b.at) })
	t.WriteString("transitions:\n")
	for _, s := range t.steps {
		fmt.Fprintf(t, "  %s %s\n", s.at.Format(clock), s.text)
	}
	return nil
}

func (t *teller) runs(ctx context.Context) error {
	ids := []string{"'" + temporalio.OrderID(t.orderID) + "'"}
	for _, fo := range t.fos {
		ids = append(ids, "'"+temporalio.FulfillmentOrderID(fo.ID)+"'")
	}
	found, err := listRuns(ctx, t.from, " AND WorkflowId IN ("+strings.Join(ids, ", ")+")")
	if err != nil {
		return err
	}
	var runs []*run
	for _, of := range found {
		runs = append(runs, of...)
	}
	slices.SortFunc(
		runs, func(a, b *run) int { return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.RunID, b.RunID)) },
	)
	if err := describeOpen(ctx, t.from, runs); err != nil {
		return err
	}
	t.WriteString("workflows:\n")
	for _, r := range runs {
		if err := r.readHistory(ctx, t.from); err != nil {
			return err
		}
		fmt.Fprintf(t, "  %s %s %s: %s\n", r.Started.Format(clock), r.WorkflowID, r.RunID, r.Status)
		if r.failure != nil {
			fmt.Fprintf(t, "    failure: %s\n", r.failure.GetMessage())
		}
		if r.taskAttempt > 0 {
			fmt.Fprintf(t, "    workflow task: attempt %d\n", r.taskAttempt)
		}
		for _, line := range slices.Concat(r.problems, r.hopeless, r.retries, r.waits, r.failures) {
			fmt.Fprintf(t, "    %s\n", line)
		}
		for _, c := range r.received {
			fmt.Fprintf(t, "    %s %s: %s\n", c.name, cmp.Or(c.updateID, "signal "+c.id), c.outcome())
		}
		for _, summary := range r.leases {
			fmt.Fprintf(t, "    timer %q\n", summary)
		}
	}
	return nil
}

// outcome is what became of a command, in words.
func (c *received) outcome() string {
	switch {
	case c.updateID == "":
		return "nobody waits for an answer"
	case !c.completed:
		return "not answered"
	case c.refused:
		return "refused"
	}
	return brief(string(c.answer))
}

func (t *teller) calls(ctx context.Context) error {
	ids := make([]fulfillment.ID, len(t.fos))
	for i, fo := range t.fos {
		ids[i] = fo.ID
	}
	effects, err := t.from.Ledger.EffectsOf(ctx, ids)
	if err != nil {
		return err
	}
	t.WriteString("calls to the provider:\n")
	for _, effect := range effects {
		fmt.Fprintf(t, "  %s %s %s: %s, called %d times, happened %d times\n", effect.CreatedAt.Format(clock),
			effect.Kind,
			effect.Key, effect.Answer.Outcome, effect.Calls, effect.Effects)
	}
	return nil
}
