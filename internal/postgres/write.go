package postgres

import (
	"context"
	"encoding/json"
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
	change      *fulfillment.OrderChange // what is done to the order; nil: nothing

	rows *rows // of all tables, see makeRows
}

// statement is SQL with its arguments. When rows is set, so many rows must be affected, else it fails with fewer.
type statement struct {
	sql   string
	args  []any
	rows  *int64
	fewer error
}

// found is what a writer has to look at before it can end.
type found struct {
	order  fulfillment.OrderState          // locked
	others []*fulfillment.FulfillmentOrder // of the order, those that the writer does not write
	names  map[fulfillment.ID]string       // of the written shipments
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

// write writes one order's part of a transaction. What becomes of the order itself is for the domain to say.
func (w *writing) write(ctx context.Context, conn *pgx.Conn, first, last bool) error {
	f, err := w.begin(ctx, conn, first)
	if err != nil {
		return err
	}
	t, repeated := f.order.Decide(w.change, w.transitions, append(f.others, w.states...))
	if repeated {
		return errAlreadyCancelled
	}
	return w.end(ctx, conn, last, t, fulfillment.NameShipments(w.transitions, f.names))
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
				fulfillment.ErrInvalid, t.Sequence, t.FulfillmentOrderID, last)
		}
		latest[t.FulfillmentOrderID] = t.Sequence
		times[t.At.UnixNano()] = true
	}
	for _, fo := range w.states {
		if fo.OrderID != w.orderID {
			return fmt.Errorf(
				"%w: fulfillment order %d is of order %d, not %d", fulfillment.ErrInvalid, fo.ID, fo.OrderID, w.orderID,
			)
		}
		last, ok := latest[fo.ID]
		if !ok || last != fo.Sequence {
			return fmt.Errorf(
				"%w: fulfillment order %d has sequence %d, its last transition %d", fulfillment.ErrInvalid, fo.ID,
				fo.Sequence, last,
			)
		}
		delete(latest, fo.ID)
		if err := r.add(fo, expected[fo.ID], times); err != nil {
			return err
		}
	}
	for id := range latest {
		return fmt.Errorf(
			"%w: there are transitions of fulfillment order %d, but not its state", fulfillment.ErrInvalid, id,
		)
	}
	w.rows = r
	return nil
}

// begin locks the order first, so that commits of one order's fulfillment orders queue up instead of deadlocking.
func (w *writing) begin(ctx context.Context, conn *pgx.Conn, first bool) (found, error) {
	f := found{order: fulfillment.OrderState{ID: w.orderID}}
	b := new(pgx.Batch)
	if first {
		b.Queue("begin")
	}
	if w.order != nil {
		w.order.queue(b)
	} else {
		b.Queue(lockOrder, w.orderID).QueryRow(func(row pgx.Row) error {
			o := &f.order
			err := row.Scan(&o.Version, &o.Cancelled, &o.Statuses.Display, &o.Statuses.Fulfillment)
			if errors.Is(err, pgx.ErrNoRows) {
				return fmt.Errorf("order %d: %w", w.orderID, fulfillment.ErrNotFound)
			}
			return err
		})
	}
	for _, more := range w.more {
		more.queue(b)
	}
	if err := w.rows.queue(b, &f.names); err != nil {
		return f, err
	}
	b.Queue(selectOthers, w.orderID, w.rows.fulfillmentOrderIDs).Query(func(rows pgx.Rows) error {
		var err error
		f.others, err = pgx.CollectRows(rows, pgx.RowTo[*fulfillment.FulfillmentOrder])
		return err
	})
	return f, conn.SendBatch(ctx, b).Close()
}

// end writes the history and the outbox; the last order's part commits.
func (w *writing) end(
	ctx context.Context, conn *pgx.Conn, last bool, order *fulfillment.OrderTransition,
	transitions []fulfillment.Transition,
) error {
	b := new(pgx.Batch)
	if order != nil {
		row, err := encode(orderTransitionRow{
			Sequence: order.Sequence, Kind: order.Kind, CommandID: order.CommandID, Fingerprint: order.Fingerprint,
			Actor: order.Actor, At: order.At, Reason: order.Reason, Before: order.Before, After: order.After,
			Details: order.Details,
		})
		if err != nil {
			return err
		}
		b.Queue(writeOrderTransition, w.orderID, json.RawMessage(row))
	}
	err := errors.Join(queueRows(b, writeTransitions, transitionRows(transitions)),
		queueRows(b, writeOutbox, outboxRows(fulfillment.Events(w.orderID, order, transitions))))
	if err != nil {
		return err
	}
	if last {
		b.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
			if tag.String() != "COMMIT" {
				return fmt.Errorf("the server answered %s to a commit", tag)
			}
			return nil
		})
	}
	return conn.SendBatch(ctx, b).Close()
}

// queue writes all rows but those of the history. The names of the shipments go to names.
func (r *rows) queue(b *pgx.Batch, names *map[fulfillment.ID]string) error {
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
		b.Queue(writeFulfillments, fulfillments, r.newFulfillments).QueryRow(func(row pgx.Row) error {
			var n int
			if err := row.Scan(&n, names); err != nil {
				return err
			}
			if n != len(r.fulfillments) {
				return fulfillment.ErrIDTaken
			}
			return nil
		})
	}
	return errors.Join(queueRows(b, writeFulfillmentLines, r.fulfillmentLines), queueRows(b, writeEvents, r.events))
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
