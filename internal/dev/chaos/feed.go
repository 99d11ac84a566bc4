package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/audit"
	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// promiseFollow is kept by the feed as a whole.
const promiseFollow = "who follows the feed misses nothing, and knows every status"

// follower knows what the feed has told.
type follower struct {
	*audit.Assertion
	position int64
	states   map[fulfillment.ID]fulfillment.State
	statuses map[fulfillment.ID]fulfillment.OrderStatuses
	last     map[[2]fulfillment.ID]feed.Entry // by order and fulfillment order
}

// follow reads the feed from the beginning, and compares what that tells with the book.
func (r *run) follow(ctx context.Context) error {
	f := &follower{
		Assertion: &audit.Assertion{Name: promiseFollow}, states: map[fulfillment.ID]fulfillment.State{},
		statuses: map[fulfillment.ID]fulfillment.OrderStatuses{}, last: map[[2]fulfillment.ID]feed.Entry{},
	}
	for left := 1; left > 0; { // The system is at rest: they have their positions in a moment.
		var err error
		if left, _, err = r.stage.store.FeedWaiting(ctx); err != nil {
			return err
		}
		if left > 0 && !sleep(ctx, 50*time.Millisecond) {
			return ctx.Err()
		}
	}
	for more := true; more; {
		page, err := r.stage.store.Feed(ctx, postgres.FeedQuery{After: f.position})
		if err != nil {
			return err
		}
		for _, stored := range page.Entries {
			e, err := feed.Read(stored)
			if err == nil {
				err = f.hear(e)
			}
			if err != nil {
				f.violated(
					stored.OrderID, stored.FulfillmentOrderID, "event %d can't be read: %v", stored.Position, err,
				)
			}
		}
		f.position, more = page.Next, page.Next < page.Newest
	}
	if err := f.compare(ctx, r.stage.sources.Database); err != nil {
		return err
	}
	r.result.Assertions = append(r.result.Assertions, *f.Assertion)
	return nil
}

func (f *follower) violated(order, of fulfillment.ID, format string, args ...any) {
	f.Violations = append(f.Violations, audit.Violation{
		OrderID: order, FulfillmentOrderID: of, What: fmt.Sprintf(format, args...),
	})
}

// hear takes an event. The next one has the next position, but after the database was set back; of what it is about, it
// is later than all before.
func (f *follower) hear(e feed.Entry) error {
	f.Checked++
	if e.Position != f.position+1 && e.Kind != fulfillment.FeedSetBackKind {
		f.violated(e.OrderID, e.FulfillmentOrderID, "position %d comes after %d", e.Position, f.position)
	}
	f.position = e.Position
	if e.OrderID == 0 {
		return nil
	}
	about := [2]fulfillment.ID{e.OrderID, e.FulfillmentOrderID}
	if last := f.last[about]; e.Sequence < last.Sequence || e.Sequence == last.Sequence && e.Place <= last.Place {
		f.violated(e.OrderID, e.FulfillmentOrderID, "event %d.%d comes after %d.%d", e.Sequence, e.Place, last.Sequence,
			last.Place)
	}
	f.last[about] = e
	if e.FulfillmentOrderID == 0 {
		var now fulfillment.OrderStatuses
		err := json.Unmarshal(e.After, &now)
		f.statuses[e.OrderID] = now
		return err
	}
	var now fulfillment.State
	err := json.Unmarshal(e.After, &now)
	f.states[e.FulfillmentOrderID] = now
	return err
}

// compare holds what the feed has told against the book.
func (f *follower) compare(ctx context.Context, book interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}) error {
	rows, err := book.Query(ctx, `
SELECT order_id, id, status, request_status FROM fulfillment_orders UNION ALL
SELECT id, 0, display_fulfillment_status, fulfillment_status FROM orders`)
	if err != nil {
		return fmt.Errorf("read the statuses: %w", err)
	}
	var order, of fulfillment.ID
	var is [2]string
	_, err = pgx.ForEachRow(rows, []any{&order, &of, &is[0], &is[1]}, func() error {
		f.Checked++
		told := [2]string{string(f.states[of].Status), string(f.states[of].RequestStatus)}
		if of == 0 {
			told = [2]string{string(f.statuses[order].Display), string(f.statuses[order].Fulfillment)}
		}
		if told != is {
			f.violated(order, of, "the feed tells of %v, the book has %v", told, is)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the statuses: %w", err)
	}
	return nil
}
