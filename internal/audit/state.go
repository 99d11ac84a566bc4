package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

const (
	queryTimeout = 20 * time.Second // of one question, which a worker may have to replay a whole history for
	askings      = 6                // of one question, on a machine that is busy with replays
	comparisons  = 5                // how often a state is compared that may change between the two readings
	comparePause = 50 * time.Millisecond
)

// compared is a snapshot beside the state of its workflow.
type compared struct {
	run      *run
	snapshot *fulfillment.FulfillmentOrder
	state    *fulfillment.FulfillmentOrder // nil: problem says why, or gone
	problem  string
	gone     bool // nobody can be asked any more: the server has forgotten the run meanwhile, or it was paused
}

// readStates asks the last run of every fulfillment order for its state, a closed run too: a worker replays it. What
// failed, is stuck or is paused is not asked, since other assertions say so. A state that differs is read again,
// together with its snapshot: a deadline may have passed between the two.
func (e *evidence) readStates(ctx context.Context, from Sources) error {
	var asked []*compared
	for _, id := range e.foIDs {
		r := e.last(temporalio.FulfillmentOrderID(id))
		if r != nil && !r.endedBadly() && !r.paused() && r.taskAttempt <= 1 {
			asked = append(asked, &compared{run: r, snapshot: e.fos[id].Snapshot})
		}
	}
	err := parallel(ctx, from, asked, func(ctx context.Context, c *compared) error {
		for try := 1; ; try++ {
			if err := c.ask(ctx, from); err != nil {
				return err
			}
			if c.state == nil || try == comparisons || len(c.differences()) == 0 {
				return nil
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(comparePause):
			}
			var again *fulfillment.FulfillmentOrder
			if err := from.Database.QueryRow(
				ctx, `SELECT snapshot FROM fulfillment_orders WHERE id = $1`, c.snapshot.ID,
			).Scan(&again); err != nil {
				return fmt.Errorf("read a snapshot again: %w", err)
			}
			c.snapshot = again
		}
	})
	for _, c := range asked {
		if !c.gone {
			e.states = append(e.states, *c)
		}
	}
	return err
}

// ask asks for the state. That the workflow can't answer is a finding; that nobody can be asked is an error.
func (c *compared) ask(ctx context.Context, from Sources) error {
	c.state, c.problem = nil, ""
	err := c.query(ctx, from)
	for again := 1; again < askings && isTimeout(err) && ctx.Err() == nil; again++ {
		err = c.query(ctx, from)
	}
	var failed *serviceerror.QueryFailed
	switch {
	case errors.As(err, new(*serviceerror.NotFound)) || errors.As(err, new(*temporal.QueryRejectedError)):
		c.gone = true
	case err == nil && c.state == nil:
		c.problem = "it has no state"
	case errors.As(err, &failed):
		c.problem = failed.Message
	case err != nil:
		return fmt.Errorf("ask %s: %w", c.run.WorkflowID, err)
	}
	return nil
}

func (c *compared) query(ctx context.Context, from Sources) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	answer, err := from.Temporal.QueryWorkflow(ctx, c.run.WorkflowID, c.run.RunID, temporalio.StateQuery)
	if err == nil {
		err = answer.Get(&c.state)
	}
	return err
}

func isTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*serviceerror.DeadlineExceeded))
}

// commitActivity is the activity by which a run writes what it has decided, when the database did not take it at once.
const commitActivity = "Commit"

// checkStates compares the snapshots with the states of the workflows. A closed run may be behind joint commands: one
// that was committed after the reservation's time was up needs no run to apply it, because the store has the state
// then. A run whose commit the database does not take is ahead of it, until it does.
func checkStates(e *evidence, a *Assertion) {
	for _, c := range e.states {
		a.Checked++
		orderID, id := c.snapshot.OrderID, c.snapshot.ID
		if c.state == nil {
			a.violated(orderID, id, "the workflow doesn't tell its state: %s", c.problem)
			continue
		}
		if !c.run.open() && c.state.Sequence < c.snapshot.Sequence && e.jointOnly(id, c.state.Sequence) {
			continue
		}
		if c.run.commits && c.state.Sequence > c.snapshot.Sequence {
			a.underWay(orderID, id, "the store has version %d, the workflow %d, which is being committed",
				c.snapshot.Sequence, c.state.Sequence)
			continue
		}
		if differences := c.differences(); len(differences) > 0 {
			a.violated(orderID, id, "the store has version %d, the workflow %d; they differ in %s",
				c.snapshot.Sequence, c.state.Sequence, strings.Join(differences, "; "))
		}
	}
}

// jointOnly tells whether all transitions after the sequence are of commands that the order can decide.
func (e *evidence) jointOnly(id fulfillment.ID, after int64) bool {
	for _, t := range e.fos[id].transitions {
		if t.Sequence > after && !slices.Contains(fulfillment.JointVerbs, t.Verb) {
			return false
		}
	}
	return true
}

// differences names the fields that differ, with both values.
func (c *compared) differences() []string {
	snapshot, state := fields(c.snapshot), fields(c.state)
	all := maps.Clone(snapshot)
	maps.Copy(all, state)
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if s, w := snapshot[name], state[name]; s != w {
			differ = append(differ, fmt.Sprintf("%s: the store has %s, the workflow %s", name, brief(s), brief(w)))
		}
	}
	return differ
}

// fields are the parts of a fulfillment order as JSON. The store numbers shipments over the whole order, so their names
// aren't the workflow's to know.
func fields(fo *fulfillment.FulfillmentOrder) map[string]string {
	fo = fo.Clone()
	fo.Abridge() // A workflow may have read a large one that is still stored whole.
	for i := range fo.Fulfillments {
		fo.Fulfillments[i].Name = ""
	}
	if len(fo.Lines) == 0 {
		fo.Lines = nil
	}
	var raw map[string]json.RawMessage
	body, err := json.Marshal(fo)
	if err == nil {
		err = json.Unmarshal(body, &raw)
	}
	if err != nil {
		return map[string]string{"JSON": err.Error()}
	}
	texts := make(map[string]string, len(raw))
	for name, value := range raw {
		texts[name] = string(value)
	}
	return texts
}

// briefLength is how much of a value a violation shows, in bytes.
const briefLength = 300

func brief(text string) string {
	switch {
	case text == "":
		return "nothing"
	case len(text) > briefLength:
		return strings.ToValidUTF8(text[:briefLength], "") + "…"
	}
	return text
}
