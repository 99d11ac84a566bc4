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

// quiet is how far ahead no timer may be due once the system rests: a check takes its time.
const quiet = time.Minute

// settle waits until nothing is under way any more. That it isn't in time is a violation, not an error.
func (r *run) settle(ctx context.Context) error {
	r.tell("waiting until nothing is under way any more")
	rest := audit.Assertion{Name: promiseRest, Checked: 1}
	began := time.Now()
	for last := ""; ; {
		waitingFor, err := r.underWay(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			waitingFor = err.Error()
		}
		if waitingFor == "" {
			break
		}
		if time.Since(began) > r.Settle {
			v := r.concerned(ctx, waitingFor)
			v.What = fmt.Sprintf("after %v it still waits for %s", r.Settle, waitingFor)
			rest.Violations = append(rest.Violations, v)
			break
		}
		if waitingFor != last {
			r.tell("waiting for %s", waitingFor)
			last = waitingFor
		}
		sleep(ctx, time.Second)
	}
	r.result.Settled = time.Since(began)
	r.result.Assertions = append(r.result.Assertions, rest)
	return nil
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
		_ = r.stage.sources.Database.QueryRow(ctx,
			"SELECT fulfillment_order_id FROM simulated_provider.schedule WHERE done_at IS NULL ORDER BY attempts DESC LIMIT 1").Scan(&id)
	}
	if fo, err := r.stage.store.Load(ctx, id); err == nil { // What can't be found isn't named.
		v.OrderID, v.FulfillmentOrderID = fo.OrderID, fo.ID
	}
	return v
}

func (r *run) underWay(ctx context.Context) (string, error) {
	waitingFor, err := audit.Settled(ctx, r.stage.sources)
	if waitingFor != "" || err != nil {
		return waitingFor, err
	}
	return r.timerDue(ctx)
}

// timerDue tells of a timer that is going to do something soon.
func (r *run) timerDue(ctx context.Context) (string, error) {
	rows, err := r.stage.sources.Database.Query(ctx, "SELECT DISTINCT order_id FROM fulfillment_orders")
	if err != nil {
		return "", fmt.Errorf("list the fulfillment orders: %w", err)
	}
	var orderID fulfillment.ID
	orders := map[fulfillment.ID]bool{}
	for rows.Next() {
		if err := rows.Scan(&orderID); err != nil {
			return "", fmt.Errorf("list the fulfillment orders: %w", err)
		}
		orders[orderID] = true
	}
	if err := rows.Err(); err != nil {
		return "", fmt.Errorf("list the fulfillment orders: %w", err)
	}
	ids := make([]fulfillment.ID, 0, len(orders))
	for id := range orders {
		ids = append(ids, id)
	}
	all, err := r.stage.store.FulfillmentOrdersOfAll(ctx, ids)
	if err != nil {
		return "", err
	}
	soon := time.Now().Add(quiet)
	for _, fos := range all {
		for _, fo := range fos {
			if at, what, ok := fo.NextDeadline(); ok && at.Before(soon) {
				return fmt.Sprintf("fulfillment order %d: %s at %s", fo.ID, what, at.Format(time.TimeOnly)), nil
			}
		}
	}
	return "", nil
}
