package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// A fulfillment order that is made again, because its order was sent again, has the same sequences: what is lost with
// it is listed beside what was lost before.
const insertLoss = `
INSERT INTO losses (order_id, fulfillment_order_id, to_sequence, from_sequence, kind, order_name, found_at, lost)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (order_id, fulfillment_order_id, to_sequence) DO UPDATE
SET lost = losses.lost || (SELECT jsonb_object_agg(list, coalesce(losses.lost -> list, '[]') || (
	SELECT coalesce(jsonb_agg(one), '[]') FROM jsonb_array_elements(coalesce(excluded.lost -> list, '[]')) AS one
	WHERE NOT coalesce(losses.lost -> list, '[]') @> jsonb_build_array(one)))
	FROM unnest(ARRAY['shipments', 'commandIds', 'calls']) AS list)
WHERE NOT losses.lost @> (excluded.lost - 'from' - 'to')`

const insertLostCalls = `
INSERT INTO lost_calls (key, order_id, fulfillment_order_id, call, found_at)
SELECT call->>'key', $1, $2, call, $4 FROM jsonb_array_elements($3::jsonb) AS call ON CONFLICT DO NOTHING`

// lossStatements note what is lost.
func lossStatements(loss fulfillment.Loss) ([]statement, error) {
	lost, err := encode(loss.SetBack)
	if err != nil {
		return nil, err
	}
	statements := []statement{{sql: insertLoss, args: []any{
		loss.OrderID, loss.FulfillmentOrderID, loss.To, loss.From, loss.Kind, clean(loss.OrderName), loss.FoundAt, lost,
	}}}
	if len(loss.Calls) > 0 {
		calls, err := encode(loss.Calls)
		if err != nil {
			return nil, err
		}
		statements = append(statements, statement{
			sql: insertLostCalls, args: []any{loss.OrderID, loss.FulfillmentOrderID, calls, loss.FoundAt},
		})
	}
	return statements, nil
}

// Restore writes that a fulfillment order goes on from the state that the store has, although a newer one was
// committed, and what is lost by that. [fulfillment.ErrStale] says that the store has another state by now.
func (s *Store) Restore(ctx context.Context, c fulfillment.Commit, loss fulfillment.Loss) error {
	more, err := lossStatements(loss)
	if err != nil {
		return err
	}
	err = s.write(ctx, writing{
		orderID: c.State.OrderID, states: []*fulfillment.FulfillmentOrder{c.State}, transitions: c.Transitions,
		more: more,
	})
	if conflicts(err) {
		err = fmt.Errorf("%w: %w", fulfillment.ErrStale, err)
	}
	if err != nil {
		return fmt.Errorf("restore fulfillment order %d: %w", c.State.ID, translate(err))
	}
	return nil
}

// Lose notes what the store does not have any more. It may be repeated.
func (s *Store) Lose(ctx context.Context, loss fulfillment.Loss) error {
	statements, err := lossStatements(loss)
	if err != nil {
		return err
	}
	b := new(pgx.Batch)
	for _, one := range statements {
		one.queue(b)
	}
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf(
			"note what order %d and fulfillment order %d have lost: %w", loss.OrderID, loss.FulfillmentOrderID,
			translate(err),
		)
	}
	return nil
}

// LossOf finds when a fulfillment order or an order was found to be gone; it is [fulfillment.ErrNotFound] when it never
// was.
func (s *Store) LossOf(ctx context.Context, orderID, fulfillmentOrderID fulfillment.ID) (fulfillment.Loss, error) {
	losses, err := s.losses(ctx, `WHERE (order_id = $1 OR $1::bigint = 0) AND fulfillment_order_id = $2
ORDER BY found_at DESC LIMIT 1`, orderID, fulfillmentOrderID)
	if err == nil && len(losses) == 0 {
		err = fulfillment.ErrNotFound
	}
	if err != nil {
		return fulfillment.Loss{}, fmt.Errorf("look what was lost: %w", err)
	}
	return losses[0], nil
}

func (s *Store) losses(ctx context.Context, which string, args ...any) ([]fulfillment.Loss, error) {
	rows, err := s.pool.Query(ctx, `
SELECT kind, order_id, order_name, fulfillment_order_id, found_at, lost FROM losses `+which, args...)
	if err != nil {
		return nil, translate(err)
	}
	losses, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (fulfillment.Loss, error) {
		var l fulfillment.Loss
		err := row.Scan(&l.Kind, &l.OrderID, &l.OrderName, &l.FulfillmentOrderID, &l.FoundAt, &l.SetBack)
		return l, err
	})
	return losses, translate(err)
}

// ClaimLostCall takes what a provider has of a call that was lost for an effect; false: it was taken for another one.
// The same effect may claim it again.
func (s *Store) ClaimLostCall(ctx context.Context, key, effect string) (bool, error) {
	var claimed string
	err := s.pool.QueryRow(ctx, `
UPDATE lost_calls SET claimed_by = CASE claimed_by WHEN '' THEN $2 ELSE claimed_by END WHERE key = $1
RETURNING claimed_by`, key, effect).Scan(&claimed)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("claim the lost call %s: %w", key, translate(err))
	}
	return claimed == effect, nil
}

// HasTransitions tells whether all these transitions are in the store: sequences by fulfillment order.
func (s *Store) HasTransitions(ctx context.Context, of []fulfillment.Result) (bool, error) {
	ids, sequences := make([]int64, len(of)), make([]int64, len(of))
	for i, r := range of {
		ids[i], sequences[i] = int64(r.FulfillmentOrderID), r.Sequence
	}
	const query = `
SELECT NOT EXISTS (SELECT FROM unnest($1::bigint[], $2::bigint[]) AS w (id, sequence) WHERE NOT EXISTS (
	SELECT FROM transitions t WHERE t.fulfillment_order_id = w.id AND t.sequence = w.sequence))`
	var all bool
	if err := s.pool.QueryRow(ctx, query, ids, sequences).Scan(&all); err != nil {
		return false, fmt.Errorf("look for what was answered: %w", translate(err))
	}
	return all, nil
}
