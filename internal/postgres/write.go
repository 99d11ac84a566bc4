package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/fulfillment"
)

var (
	errFence            = errors.New("the stored version is not the expected one")
	errAlreadyCancelled = errors.New("the order is cancelled already")
)

// writing is one transaction on an order: rows of its own, and fulfillment orders with their transitions.
type writing struct {
	orderID     fulfillment.ID
	states      []*fulfillment.FulfillmentOrder
	transitions []fulfillment.Transition // of states, in order
	order       *statement               // makes the order's row; nil: it is there, and is locked
	more        []statement              // writes other rows of the order before the states
	change      *orderChange             // what happens to the order; nil: nothing but what follows for its statuses

	rows *rows // of all tables, see makeRows
}

// statement is SQL with its arguments. When rows is set, so many rows must be affected, else it fails with fewer.
type statement struct {
	sql   string
	args  []any
	rows  *int64
	fewer error
}

// orderState is the order as its writer found it, locked.
type orderState struct {
	OrderStatuses
	cancelled bool
	others    []*fulfillment.FulfillmentOrder // its fulfillment orders that the writer does not write
}

// write is the whole transaction in two round trips for each order: one up to everything that has to be looked at, one
// that ends it.
func (s *Store) write(ctx context.Context, ws ...writing) error {
	for i := range ws {
		if err := ws[i].makeRows(); err != nil {
			return err
		}
	}
	return s.transact(ctx, func(conn *pgx.Conn) error {
		for i := range ws {
			if err := ws[i].write(ctx, conn, i == 0, i == len(ws)-1); err != nil {
				return err
			}
		}
		return nil
	})
}

// write writes one order's part of a transaction.
func (w *writing) write(ctx context.Context, conn *pgx.Conn, first, last bool) error {
	order, err := w.begin(ctx, conn, first)
	if err != nil {
		return err
	}
	cancelled := order.cancelled || w.change != nil && w.change.Kind == OrderCancelled
	view := fulfillment.ViewOrder(cancelled, append(order.others, w.states...))
	return w.end(ctx, conn, last, order.OrderStatuses, OrderStatuses{view.DisplayFulfillmentStatus(), view.FulfillmentStatus()})
}

// makeRows checks that every state comes with the transitions that led to it, and makes the rows of all tables.
func (w *writing) makeRows() error {
	r := &rows{fulfillmentOrderIDs: []int64{}}
	expected := make(map[fulfillment.ID]int64, len(w.states)) // the stored version
	latest := make(map[fulfillment.ID]int64, len(w.states))
	times := map[int64]bool{} // of the transitions
	for i := range w.transitions {
		t := &w.transitions[i]
		last, seen := latest[t.FulfillmentOrderID]
		if !seen {
			last = t.Sequence - 1
			expected[t.FulfillmentOrderID] = last
		}
		if t.Sequence != last+1 {
			return fmt.Errorf("%w: transition %d of fulfillment order %d does not follow %d",
				ErrInvalid, t.Sequence, t.FulfillmentOrderID, last)
		}
		latest[t.FulfillmentOrderID] = t.Sequence
		times[t.At.UnixNano()] = true
		r.addTransition(w.orderID, t)
	}
	for _, fo := range w.states {
		if fo.OrderID != w.orderID {
			return fmt.Errorf("%w: fulfillment order %d is of order %d, not %d", ErrInvalid, fo.ID, fo.OrderID, w.orderID)
		}
		last, ok := latest[fo.ID]
		if !ok || last != fo.Sequence {
			return fmt.Errorf("%w: fulfillment order %d has sequence %d, its last transition %d", ErrInvalid, fo.ID, fo.Sequence, last)
		}
		delete(latest, fo.ID)
		if err := r.add(fo, expected[fo.ID], times); err != nil {
			return err
		}
	}
	for id := range latest {
		return fmt.Errorf("%w: there are transitions of fulfillment order %d, but not its state", ErrInvalid, id)
	}
	w.rows = r
	return nil
}

// begin locks the order first, so that commits of one order's fulfillment orders queue up instead of deadlocking.
func (w *writing) begin(ctx context.Context, conn *pgx.Conn, first bool) (orderState, error) {
	var order orderState
	b := new(pgx.Batch)
	if first {
		b.Queue("begin")
	}
	if w.order != nil {
		w.order.queue(b)
	} else {
		b.Queue(lockOrder, w.orderID).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&order.Display, &order.Fulfillment, &order.cancelled)
			switch {
			case errors.Is(err, pgx.ErrNoRows):
				return fmt.Errorf("order %d: %w", w.orderID, ErrNotFound)
			case err == nil && order.cancelled && w.change != nil && w.change.Kind == OrderCancelled:
				return errAlreadyCancelled
			}
			return err
		})
	}
	for _, more := range w.more {
		more.queue(b)
	}
	if err := w.rows.queue(b); err != nil {
		return order, err
	}
	b.Queue(selectOthers, w.orderID, w.rows.fulfillmentOrderIDs).Query(func(rows pgx.Rows) error {
		var err error
		order.others, err = pgx.CollectRows(rows, pgx.RowTo[*fulfillment.FulfillmentOrder])
		return err
	})
	return order, conn.SendBatch(ctx, b).Close()
}

// end notes what became of the order and appends to the outbox; the last order's part commits.
func (w *writing) end(ctx context.Context, conn *pgx.Conn, last bool, before, after OrderStatuses) error {
	b := new(pgx.Batch)
	change := w.change
	if change != nil { // What others hear of the order comes before what they hear of its parts.
		if err := change.queue(b, w.orderID, before, after); err != nil {
			return err
		}
	}
	if err := queueRows(b, writeOutbox, w.rows.outbox); err != nil {
		return err
	}
	if change == nil && before != after {
		if err := statusChange(w.transitions).queue(b, w.orderID, before, after); err != nil {
			return err
		}
	}
	if !last {
		return conn.SendBatch(ctx, b).Close()
	}
	b.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return fmt.Errorf("the server answered %s to a commit", tag)
		}
		return nil
	})
	return conn.SendBatch(ctx, b).Close()
}

func (r *rows) queue(b *pgx.Batch) error {
	if len(r.fulfillmentOrders) == 0 {
		return nil
	}
	for _, s := range r.fulfillmentOrders {
		s.queue(b)
	}
	if len(r.fulfillments) > 0 {
		fulfillments, err := encode(r.fulfillments)
		if err != nil {
			return err
		}
		b.Queue(writeFulfillments, fulfillments, r.newFulfillments).QueryRow(allWritten(len(r.fulfillments), ErrIDTaken))
	}
	return errors.Join(queueRows(b, writeFulfillmentLines, r.fulfillmentLines), queueRows(b, writeEvents, r.events),
		queueRows(b, writeTransitions, r.transitions))
}

// allWritten reads how many rows were written, and fails when they are fewer than there were.
func allWritten(want int, fewer error) func(pgx.Row) error {
	return func(row pgx.Row) error {
		var n int
		if err := row.Scan(&n); err != nil {
			return err
		}
		if n != want {
			return fewer
		}
		return nil
	}
}

func queueRows[T any](b *pgx.Batch, sql string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	body, err := encode(rows)
	if err == nil {
		b.Queue(sql, body)
	}
	return err
}

func (s statement) queue(b *pgx.Batch) {
	q := b.Queue(s.sql, s.args...)
	if s.rows != nil {
		q.Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != *s.rows {
				return s.fewer
			}
			return nil
		})
	}
}
