package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// CommandReturn decides a command on a return, and writes what it does, in one transaction. It decides in there,
// because only there it is known what can still be returned: the order's row is locked first, as in every commit, and
// what the decision depends on is read under that lock. So of two that want the same last unit one gets it, and no
// shipment is taken back of which units come back.
//
// A command that begins a return makes that of this ID, which is to be the command's first new ID. One that was
// answered before is answered the same again, whoever sends it: the decision is [returns.Decision].Repeated. A refusal
// is a [*fulfillment.Error]; [fulfillment.ErrIDTaken] says that a new ID is something else's.
func (s *Store) CommandReturn(
	ctx context.Context, id fulfillment.ID, cmd returns.Command, now time.Time,
) (*returns.Decision, error) {
	return s.writeReturn(ctx, returnWriting{id: id, cmd: cmd, now: now})
}

// RefuseReturn notes that a command was refused that nobody waits for, such as a signal, once for each command ID. When
// many were, it is counted instead, and refused says how many times this workflow run has by now: see
// [returns.Return.RefuseMore]. The decision is without a transition when there is nothing to note, and without a state
// when there is no such return.
func (s *Store) RefuseReturn(
	ctx context.Context, id fulfillment.ID, cmd returns.Command, refused returns.SignalRefusal, now time.Time,
) (*returns.Decision, error) {
	return s.writeReturn(ctx, returnWriting{id: id, cmd: cmd, now: now, refused: &refused})
}

func (s *Store) writeReturn(ctx context.Context, w returnWriting) (*returns.Decision, error) {
	err := s.pool.QueryRow(ctx, `SELECT order_id FROM returns WHERE id = $1`, w.id).Scan(&w.orderID)
	if errors.Is(err, pgx.ErrNoRows) {
		if w.refused != nil {
			return &returns.Decision{}, nil
		}
		w.orderID, err = returns.OrderOf(w.cmd), nil
		if w.orderID == 0 { // There is nothing to look at.
			_, err = returns.Decide(nil, w.cmd, returns.Env{Now: w.now})
		}
	}
	if err == nil {
		err = s.transact(ctx, func(conn *pgx.Conn) error { return w.run(ctx, conn, s.pooled) })
	}
	if violates(err, "returns_pkey", "return_parts_pkey") {
		err = fmt.Errorf("%w: %w", fulfillment.ErrIDTaken, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s return %d: %w", w.cmd.Verb(), w.id, translate(err))
	}
	return w.decision, nil
}

// returnWriting is the transaction of one command on a return.
type returnWriting struct {
	id, orderID fulfillment.ID
	cmd         returns.Command
	now         time.Time
	refused     *returns.SignalRefusal // what is to be noted instead of being decided; nil: nothing

	order    fulfillment.OrderState
	fos      []*fulfillment.FulfillmentOrder // all of the order
	facts    returns.Facts
	answered []returns.Answered
	noted    bool // that the command was refused
	decision *returns.Decision
}

// errNothing ends a transaction that has nothing to write.
var errNothing = errors.New("there is nothing to write")

// run is the whole transaction in two round trips, as in [Store.write].
func (w *returnWriting) run(ctx context.Context, conn *pgx.Conn, pooled bool) error {
	b := new(pgx.Batch)
	b.Queue("begin")
	if pooled {
		b.Queue(limitIdle)
	}
	b.Queue(lockTables)
	b.Queue(lockReturnTables)
	there := false
	w.look(b, &there)
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if !there {
		w.facts.Order = nil
	}
	b = new(pgx.Batch)
	switch err := w.write(b); {
	case errors.Is(err, errNothing):
		return nil // It is rolled back.
	case err != nil:
		return err
	}
	b.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return fmt.Errorf("the server answered %s to a commit", tag)
		}
		return nil
	})
	return conn.SendBatch(ctx, b).Close()
}

const (
	lockReturnTables = `LOCK TABLE returns, return_parts, return_transitions IN ROW EXCLUSIVE MODE`

	selectReturnedOrder = `
SELECT name, currency_code, (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'sku', sku)), '[]')
	FROM line_items WHERE order_id = o.id)
FROM orders o WHERE id = $1`
)

// look locks the order, and reads what a decision depends on. No other writer is at any of the order's returns then.
func (w *returnWriting) look(b *pgx.Batch, there *bool) {
	w.order = fulfillment.OrderState{ID: w.orderID}
	b.Queue(lockOrder, w.orderID).Query(func(rows pgx.Rows) error {
		o := &w.order
		_, err := pgx.ForEachRow(rows, []any{&o.Version, &o.Cancelled, &o.ClosedAt, &o.Statuses.Display,
			&o.Statuses.Fulfillment, &o.Returned}, func() error {
			*there = true
			return nil
		})
		return err
	})
	b.Queue(selectOthers, w.orderID, []int64{}).Query(func(rows pgx.Rows) (err error) {
		w.fos, err = pgx.CollectRows(rows, pgx.RowTo[*fulfillment.FulfillmentOrder])
		for _, fo := range w.fos {
			w.facts.Shipments = append(w.facts.Shipments, fo.Fulfillments...)
		}
		return err
	})
	w.facts.Order = &fulfillment.Order{ID: w.orderID}
	b.Queue(selectReturnedOrder, w.orderID).Query(func(rows pgx.Rows) error {
		o := w.facts.Order
		_, err := pgx.ForEachRow(rows, []any{&o.Name, &o.CurrencyCode, &o.LineItems}, func() error { return nil })
		return err
	})
	b.Queue(selectReturnsOf, w.orderID).Query(func(rows pgx.Rows) (err error) {
		w.facts.Returns, err = pgx.CollectRows(rows, scanReturn)
		return err
	})
	b.Queue(selectReturnAnswer, w.id, clean(w.cmd.Envelope().CommandID)).Query(func(rows pgx.Rows) (err error) {
		w.answered, err = pgx.CollectRows(rows, pgx.RowToStructByPos[returns.Answered])
		return err
	})
	b.Queue(selectReturnRefusal, w.id, clean(w.cmd.Envelope().CommandID), string(returns.KindRefused)).QueryRow(
		func(row pgx.Row) error { return row.Scan(&w.noted) },
	)
	b.Queue(`SELECT id FROM locations`).Query(func(rows pgx.Rows) (err error) {
		w.facts.Locations, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
		return err
	})
}

const selectReturnRefusal = `
SELECT EXISTS (SELECT FROM return_transitions
	WHERE return_id = $1 AND command_id = $2 AND command_id <> '' AND kind = $3 AND result IS NULL)`

const selectReturnsOf = selectReturn + `WHERE r.order_id = $1 ORDER BY r.number`

// write decides, and queues the rows of that.
func (w *returnWriting) write(b *pgx.Batch) error {
	var before *returns.Return
	for _, r := range w.facts.Returns {
		if r.ID == w.id {
			before = r
		}
	}
	if before != nil {
		before.Recent = w.answered
		for i := range before.Recent { // The store may have it without what it takes for no text.
			before.Recent[i].CommandID = w.cmd.Envelope().CommandID
		}
	}
	var err error
	env := returns.Env{Now: w.now, Facts: w.facts}
	switch {
	case w.refused == nil:
		w.decision, err = returns.Decide(before, w.cmd, env)
	case w.noted:
		w.decision = &returns.Decision{State: before}
	default:
		w.decision = before.NoteRefusal(w.cmd, *w.refused, env)
	}
	switch {
	case err != nil:
		return err
	case len(w.decision.Transitions) == 0: // It was answered before, or there is nothing to be done yet.
		return errNothing
	}
	if err := w.queueReturn(b, before); err != nil {
		return err
	}
	return w.queueOrder(b, before)
}

const (
	insertReturn = `
INSERT INTO returns (id, order_id, number, name, status, due_at, version, snapshot, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, statement_timestamp(), statement_timestamp())`

	updateReturn = `
UPDATE returns SET status = $2, due_at = $3, version = $4, snapshot = $5, updated_at = statement_timestamp()
WHERE id = $1`

	insertReturnParts = `INSERT INTO return_parts (id, return_id) SELECT unnest($1::bigint[]), $2`

	insertReturnTransitions = `
INSERT INTO return_transitions (return_id, sequence, kind, command, command_id, fingerprint, actor, at, reason,
	before, after, details, topics, result)
SELECT "returnId", sequence, kind, coalesce(command, ''), coalesce("commandId", ''), coalesce(fingerprint, ''), actor,
	at, coalesce(reason, ''), before, after, details, coalesce(topics, '{}'), result
FROM jsonb_to_recordset($1::jsonb) AS t ("returnId" bigint, sequence bigint, kind text, command text,
	"commandId" text, fingerprint text, actor jsonb, at timestamptz, reason text, before jsonb, after jsonb,
	details jsonb, topics text[], result jsonb)
ORDER BY sequence`

	updateReturnedOrder = `
UPDATE orders SET return_status = $2, returned = $3, updated_at = statement_timestamp() WHERE id = $1`
)

// queueReturn writes the return with its history.
func (w *returnWriting) queueReturn(b *pgx.Batch, before *returns.Return) error {
	r := w.decision.State
	snapshot, err := encode(r)
	if err != nil {
		return err
	}
	var dueAt *time.Time
	if at, _, ok := r.NextDeadline(); ok {
		dueAt = &at
	}
	if before == nil {
		number := 1 + len(w.facts.Returns)
		b.Queue(insertReturn, r.ID, r.OrderID, number, clean(r.Name), string(r.Status), dueAt, r.Sequence,
			json.RawMessage(snapshot))
	} else {
		b.Queue(updateReturn, r.ID, string(r.Status), dueAt, r.Sequence, json.RawMessage(snapshot))
	}
	var had []fulfillment.ID
	if before != nil {
		had = before.PartIDs()
	}
	if parts := added(had, r.PartIDs()); len(parts) > 0 {
		b.Queue(insertReturnParts, parts, r.ID)
	}
	if err := queueRows(b, insertReturnTransitions, w.decision.Transitions); err != nil {
		return err
	}
	var events []fulfillment.Event
	for i := range w.decision.Transitions {
		events = append(events, w.decision.Transitions[i].Events()...)
	}
	return queueRows(b, writeOutbox, outboxRows(events))
}

// added are the IDs that were not there before.
func added(before, after []fulfillment.ID) []fulfillment.ID {
	had := make(map[fulfillment.ID]bool, len(before))
	for _, id := range before {
		had[id] = true
	}
	var ids []fulfillment.ID
	for _, id := range after {
		if !had[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// queueOrder writes what follows for the order. A return that is made opens an order that was put away: there is
// something to be done about it.
func (w *returnWriting) queueOrder(b *pgx.Batch, before *returns.Return) error {
	all := make([]*returns.Return, 0, len(w.facts.Returns)+1)
	for _, r := range w.facts.Returns {
		if r.ID != w.id {
			all = append(all, r)
		}
	}
	all = append(all, w.decision.State)
	back, err := encode(returns.BackUnits(all))
	if err != nil {
		return err
	}
	w.order.Returned = returns.BackUnits(all)
	b.Queue(updateReturnedOrder, w.orderID, string(returns.ReturnStatusOf(all)), json.RawMessage(back))
	last := w.decision.Transitions[len(w.decision.Transitions)-1]
	change := &fulfillment.OrderChange{
		Kind: fulfillment.OrderKindStatusChanged, Actor: last.Actor, At: last.At, Reason: last.Reason,
		Details: &fulfillment.OrderDetails{ReturnID: w.id, Sequence: last.Sequence},
	}
	if before == nil && w.decision.State.Status == returns.StatusOpen && w.order.ClosedAt != nil && !w.order.Cancelled {
		change.Kind = fulfillment.OrderKindOpened
	}
	order, _ := w.order.Decide(change, nil, w.fos)
	if order == nil {
		return nil
	}
	if err := queueOrderTransition(b, w.orderID, order); err != nil {
		return err
	}
	return queueRows(b, writeOutbox, outboxRows(fulfillment.Events(w.orderID, order, nil)))
}
