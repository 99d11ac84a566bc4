package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

var (
	errFence  = errors.New("the stored version is not the expected one")
	errAsItIs = errors.New("the order is as it should be already")
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

// statement is SQL with its arguments. When rows is set, so many rows must be affected, else it fails with fewer. When
// read is set, it returns rows for it.
type statement struct {
	sql   string
	args  []any
	rows  *int64
	fewer error
	read  func(pgx.Rows) error
}

// found is what a writer has to look at before it can write. What it looks at is locked.
type found struct {
	order     fulfillment.OrderState
	others    []*fulfillment.FulfillmentOrder // of the order, those that the writer does not write
	shipments map[fulfillment.ID]foundShipment
	returns   []*returns.Return // of the order, if something is taken back that they may stand in the way of
}

// foundShipment is a shipment of the order, as it is stored.
type foundShipment struct {
	owner fulfillment.ID
	name  string
}

// write is the whole transaction in two round trips: one that locks and reads everything that has to be looked at, and
// one that writes and commits. Nothing waits between the first of those writes and the commit, so the times of the
// rows, which are those of the writes, are hardly older than that when others see them. An order that is made needs no
// look.
func (s *Store) write(ctx context.Context, ws ...writing) error {
	looks := false
	for i := range ws {
		if err := ws[i].makeRows(); err != nil {
			return err
		}
		looks = looks || ws[i].order == nil
	}
	return s.transact(ctx, func(conn *pgx.Conn) error {
		founds := make([]found, len(ws))
		b := new(pgx.Batch)
		b.Queue("begin")
		if s.pooled {
			b.Queue(limitIdle)
		}
		b.Queue(lockTables)
		for i := range ws {
			ws[i].look(b, &founds[i])
		}
		if looks {
			if err := conn.SendBatch(ctx, b).Close(); err != nil {
				return err
			}
			b = new(pgx.Batch)
		}
		for i := range ws {
			if err := ws[i].write(b, &founds[i]); err != nil {
				return err
			}
		}
		b.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
			if tag.String() != "COMMIT" {
				return fmt.Errorf("the server answered %s to a commit", tag)
			}
			return nil
		})
		return conn.SendBatch(ctx, b).Close()
	})
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
			if t.Kind == fulfillment.KindRestored && t.Details != nil && t.Details.SetBack != nil {
				expected[t.FulfillmentOrderID] = t.Details.SetBack.From
			}
		}
		if t.Sequence != last+1 {
			return fmt.Errorf("%w: transition %d of fulfillment order %d does not follow %d",
				fulfillment.ErrInvalid, t.Sequence, t.FulfillmentOrderID, last)
		}
		latest[t.FulfillmentOrderID] = t.Sequence
		times[t.At.UnixNano()] = true
		r.addEvent(t)
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

// look locks what is to be written, and reads what that depends on. The order comes first, so that commits of one
// order's fulfillment orders queue up instead of deadlocking. What only the answer can tell to be wrong is written
// here, too: in the round trip that commits, an answer comes too late.
func (w *writing) look(b *pgx.Batch, f *found) {
	f.order = fulfillment.OrderState{ID: w.orderID}
	if w.order != nil {
		return
	}
	b.Queue(lockOrder, w.orderID).QueryRow(func(row pgx.Row) error {
		o := &f.order
		err := row.Scan(&o.Version, &o.Cancelled, &o.ClosedAt, &o.Statuses.Display, &o.Statuses.Fulfillment,
			&o.Returned)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("order %d: %w", w.orderID, fulfillment.ErrNotFound)
		}
		return err
	})
	for _, more := range w.more {
		more.queue(b)
	}
	w.rows.look(b, w.orderID, f)
	if w.takesBack() {
		b.Queue(selectReturnsOf, w.orderID).Query(func(rows pgx.Rows) (err error) {
			f.returns, err = pgx.CollectRows(rows, scanReturn)
			return err
		})
	}
	b.Queue(selectOthers, w.orderID, w.rows.fulfillmentOrderIDs).Query(func(rows pgx.Rows) error {
		var err error
		f.others, err = pgx.CollectRows(rows, pgx.RowTo[*fulfillment.FulfillmentOrder])
		return err
	})
}

// look locks the rows that are there already, and finds out which those are.
func (r *rows) look(b *pgx.Batch, orderID fulfillment.ID, f *found) {
	for _, fence := range r.fences {
		look := b.Queue(lockFulfillmentOrder, fence.id, orderID, fence.version, fence.createdAt)
		look.Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != 1 {
				return errFence
			}
			return nil
		})
	}
	if len(r.fulfillments) == 0 {
		return
	}
	for _, row := range r.fulfillments {
		if !row.isNew {
			b.Queue(lockFulfillment, row.ID)
		}
	}
	b.Queue(selectShipments, orderID).Query(func(rows pgx.Rows) error {
		f.shipments = map[fulfillment.ID]foundShipment{}
		var id fulfillment.ID
		var shipment foundShipment
		_, err := pgx.ForEachRow(rows, []any{&id, &shipment.owner, &shipment.name}, func() error {
			f.shipments[id] = shipment
			return nil
		})
		return err
	})
}

// write writes one order's part of a transaction. What becomes of the order itself is for the domain to say.
func (w *writing) write(b *pgx.Batch, f *found) error {
	all := append(f.others, w.states...)
	order, repeated := f.order.Decide(w.change, w.transitions, all)
	if repeated {
		return errAsItIs
	}
	if refused := w.mayTakeBack(f.returns); refused != nil {
		return refused
	}
	if w.order != nil {
		w.order.queue(b)
		for _, more := range w.more {
			more.queue(b)
		}
	}
	names, err := w.rows.nameFulfillments(f.shipments)
	if err != nil {
		return err
	}
	if err := w.rows.queue(b); err != nil {
		return err
	}
	if order != nil {
		if err := queueOrderTransition(b, w.orderID, order); err != nil {
			return err
		}
	}
	transitions := fulfillment.AmidOrder(fulfillment.NameShipments(w.transitions, names), f.order, all)
	return errors.Join(queueRows(b, writeTransitions, transitionRows(transitions)),
		queueRows(b, writeOutbox, outboxRows(fulfillment.Events(w.orderID, order, transitions))),
		queueRows(b, writeAlerts, alertRows(transitions)))
}

func queueOrderTransition(b *pgx.Batch, orderID fulfillment.ID, t *fulfillment.OrderTransition) error {
	row, err := encode(orderTransitionRow{
		Sequence: t.Sequence, Kind: t.Kind, CommandID: t.CommandID, Fingerprint: t.Fingerprint, Actor: t.Actor,
		At: t.At, Reason: t.Reason, Before: t.Before, After: t.After, Details: t.Details, ClosedAt: t.ClosedAt,
	})
	if err != nil {
		return err
	}
	b.Queue(writeOrderTransition, orderID, json.RawMessage(row))
	return nil
}

// nameFulfillments numbers new shipments over the whole order ("#1001-F1", "-F2"), which only the store can do: the
// order is locked. One that only seems to be new keeps its name. It returns the names of all that are written;
// [fulfillment.ErrIDTaken] says that one is another fulfillment order's.
func (r *rows) nameFulfillments(stored map[fulfillment.ID]foundShipment) (map[fulfillment.ID]string, error) {
	names := make(map[fulfillment.ID]string, len(r.fulfillments))
	number := len(stored)
	for _, row := range r.fulfillments {
		if _, there := stored[row.ID]; there && row.isNew {
			number--
		}
	}
	for i := range r.fulfillments {
		row := &r.fulfillments[i]
		if row.isNew {
			number++
			row.Name = fmt.Sprintf("%s-F%d", row.orderName, number)
		}
		shipment, there := stored[row.ID]
		if there && shipment.owner != row.FulfillmentOrderID {
			return nil, fmt.Errorf("shipment %d: %w", row.ID, fulfillment.ErrIDTaken)
		}
		if there {
			row.Name = shipment.name
		}
		row.there = there
		names[row.ID] = row.Name
	}
	return names, nil
}

// queue writes all rows but those of the history.
func (r *rows) queue(b *pgx.Batch) error {
	for _, s := range r.fulfillmentOrders {
		s.queue(b)
	}
	var made, changed []fulfillmentRow
	for _, row := range r.fulfillments {
		if row.there {
			changed = append(changed, row)
		} else {
			made = append(made, row)
		}
	}
	return errors.Join(queueRows(b, insertFulfillments, made), queueRows(b, updateFulfillments, changed),
		queueRows(b, writeFulfillmentLines, r.fulfillmentLines), queueRows(b, writeEvents, r.events))
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
	if s.read != nil {
		q.Query(func(rows pgx.Rows) error {
			err := s.read(rows)
			if err == nil && s.rows != nil && rows.CommandTag().RowsAffected() != *s.rows {
				return s.fewer
			}
			return err
		})
		return
	}
	if s.rows != nil {
		q.Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() != *s.rows {
				return s.fewer
			}
			return nil
		})
	}
}
