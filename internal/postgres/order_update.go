package postgres

import (
	"context"
	"errors"
	"fmt"

	"packhorse/internal/fulfillment"
)

// updateOrder sets the fields that $3 names.
const updateOrder = `
UPDATE orders o SET updates = $2,
	email = coalesce(u.email, o.email), phone = coalesce(u.phone, o.phone), note = coalesce(u.note, o.note),
	tags = coalesce(u.tags, o.tags), custom_attributes = coalesce(u."customAttributes", o.custom_attributes),
	shipping_address = coalesce(u."shippingAddress", o.shipping_address)
FROM jsonb_to_record($3::jsonb) AS u (email text, phone text, note text, tags text[], "customAttributes" jsonb,
	"shippingAddress" jsonb)
WHERE o.id = $1 AND o.updates = $2 - 1`

// UpdateOrder writes an update of an order, with what its fulfillment orders hear of it. It succeeds without writing
// when the very same update is there already; [fulfillment.ErrStale] says that the order or one of the fulfillment
// orders is not as it was decided on, or that the command ID was used for something else.
func (s *Store) UpdateOrder(ctx context.Context, plan *fulfillment.OrderUpdatePlan) error {
	after, err := encode(plan.After)
	if err != nil {
		return err
	}
	before, err := encode(plan.Before)
	if err != nil {
		return err
	}
	w := writing{
		orderID: plan.OrderID, states: plan.States, transitions: plan.Transitions,
		more: []statement{
			{
				sql: updateOrder, args: []any{plan.OrderID, plan.Number, after}, rows: new(int64(1)),
				fewer: fulfillment.ErrStale,
			},
			{
				sql:  `INSERT INTO order_updates (order_id, number, before, after) VALUES ($1, $2, $3, $4)`,
				args: []any{plan.OrderID, plan.Number, before, after},
			},
		},
		change: &fulfillment.OrderChange{
			Kind: fulfillment.OrderKindUpdated, CommandID: plan.CommandID, Fingerprint: plan.Fingerprint,
			Actor: plan.Actor, At: plan.At,
			Details: &fulfillment.OrderDetails{
				Update: plan.Number, Changed: plan.Answer.Changed, Followed: plan.Answer.Followed,
				Kept: plan.Answer.Kept,
			},
		},
	}
	err = s.write(ctx, w)
	if conflicts(err) || errors.Is(err, fulfillment.ErrStale) {
		switch answered, fingerprint, found := s.UpdateBy(ctx, plan.OrderID, plan.CommandID); {
		case errors.Is(found, fulfillment.ErrNotFound):
			err = fmt.Errorf("%w: %w", fulfillment.ErrStale, err)
		case found != nil:
			err = found
		case fingerprint == plan.Fingerprint:
			plan.Answer, err = answered, nil
		default:
			err = fmt.Errorf("%w: the command ID was used for another update", fulfillment.ErrStale)
		}
	}
	if err != nil {
		return fmt.Errorf("update order %d: %w", plan.OrderID, translate(err))
	}
	return nil
}

// UpdateBy finds the answer to what was done to an order under this command ID, and the fingerprint of what that was:
// it may have been no update, and it may have changed nothing. [fulfillment.ErrNotFound] says that there was nothing.
func (s *Store) UpdateBy(
	ctx context.Context, orderID fulfillment.ID, commandID string,
) (answer fulfillment.OrderUpdated, fingerprint string, err error) {
	const query = `SELECT coalesce(details, '{}'), fingerprint FROM order_transitions
WHERE order_id = $1 AND command_id = $2 AND command_id <> ''
UNION ALL SELECT '{}', fingerprint FROM order_unchanged WHERE order_id = $1 AND command_id = $2`
	var details fulfillment.OrderDetails
	err = s.pool.QueryRow(ctx, query, orderID, clean(commandID)).Scan(&details, &fingerprint)
	if err != nil {
		return answer, "", fmt.Errorf("read update %q of order %d: %w", commandID, orderID, translate(err))
	}
	return fulfillment.OrderUpdated{
		OrderID: orderID, Changed: details.Changed, Followed: details.Followed, Kept: details.Kept,
	}, fingerprint, nil
}

// AddressBefore names the address that an order had before one of its updates.
type AddressBefore struct {
	OrderID fulfillment.ID
	Update  int
}

// AddressesBefore reads addresses that orders had, with one statement. What there is no address of is missing.
func (s *Store) AddressesBefore(
	ctx context.Context, keys []AddressBefore,
) (map[AddressBefore]*fulfillment.Address, error) {
	orders, numbers := make([]fulfillment.ID, len(keys)), make([]int, len(keys))
	for i, key := range keys {
		orders[i], numbers[i] = key.OrderID, key.Update
	}
	rows, err := s.pool.Query(ctx, `
SELECT order_id, number, before->'shippingAddress' FROM order_updates
WHERE (order_id, number) IN (SELECT * FROM unnest($1::bigint[], $2::integer[]))
	AND before->'shippingAddress' IS NOT NULL`, orders, numbers)
	if err != nil {
		return nil, fmt.Errorf("read addresses of before: %w", translate(err))
	}
	defer rows.Close()
	found := make(map[AddressBefore]*fulfillment.Address, len(keys))
	for rows.Next() {
		var key AddressBefore
		var address *fulfillment.Address
		if err := rows.Scan(&key.OrderID, &key.Update, &address); err != nil {
			return nil, fmt.Errorf("read addresses of before: %w", translate(err))
		}
		found[key] = address
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read addresses of before: %w", translate(err))
	}
	return found, nil
}
