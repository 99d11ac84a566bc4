package chaos

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
)

// promiseRest is kept by the system as a whole.
const promiseRest = "the system comes to rest"

// rest waits until nothing is under way any more. That it isn't in time is a violation, not an error.
func (r *run) rest(ctx context.Context) error {
	r.tell("waiting until nothing is under way any more")
	rest := audit.Assertion{Name: promiseRest, Checked: 1}
	began := time.Now()
	for last := ""; ; {
		waitingFor, err := r.waitingFor(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			waitingFor = err.Error()
		}
		if waitingFor == "" {
			break
		}
		if time.Since(began) > r.Rest {
			v := r.concerned(ctx, waitingFor)
			v.What = fmt.Sprintf("after %v it still waits for %s", r.Rest, waitingFor)
			rest.Violations = append(rest.Violations, v)
			break
		}
		if waitingFor != last {
			r.tell("waiting for %s", waitingFor)
			last = waitingFor
		}
		sleep(ctx, time.Second)
	}
	r.result.Rested = time.Since(began)
	r.result.Assertions = append(r.result.Assertions, rest)
	return nil
}

// waitingFor says what is still under way, in words; "": nothing.
func (r *run) waitingFor(ctx context.Context) (string, error) {
	if systems := r.stage.systems; systems != nil {
		if waitingFor, err := systems.waiting(ctx, r.stage); err != nil || waitingFor != "" {
			return waitingFor, err
		}
	}
	return audit.AtRest(ctx, r.stage.sources)
}

// named finds a fulfillment order in a text.
var named = regexp.MustCompile(`fulfillment[- ]order[/ ](\d+)`)

// concerned is a violation of the fulfillment order that the text names, or of the one that the simulated services have
// something to do with yet.
func (r *run) concerned(ctx context.Context, text string) (v audit.Violation) {
	var id fulfillment.ID
	if found := named.FindStringSubmatch(text); found != nil {
		id, _ = fulfillment.ParseID(found[1])
	} else {
		_ = r.stage.provider.QueryRow(ctx,
			"SELECT fulfillment_order_id FROM simulated_provider.schedule WHERE done_at IS NULL ORDER BY attempts "+
				"DESC LIMIT 1").Scan(&id)
	}
	if fo, err := r.stage.store.Load(ctx, id); err == nil { // What can't be found isn't named.
		v.OrderID, v.FulfillmentOrderID = fo.OrderID, fo.ID
	}
	return v
}
