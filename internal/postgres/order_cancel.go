package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

const cancelOrder = `UPDATE orders SET cancelled_at = $2, cancel_reason = $3 WHERE id = $1 AND cancelled_at IS NULL`

// CancelOrder marks the order as cancelled; its fulfillment orders are cancelled by commits of their own. Marking it
// twice is no error: the first time and reason stay.
func (s *Store) CancelOrder(
	ctx context.Context, orderID fulfillment.ID, at time.Time, reason, commandID string, actor fulfillment.Actor,
) error {
	err := s.write(ctx, writing{
		orderID: orderID, more: []statement{{sql: cancelOrder, args: []any{orderID, at, clean(reason)}}},
		change: &fulfillment.OrderChange{
			Kind: fulfillment.OrderKindCancelled, CommandID: commandID, Actor: actor, At: at, Reason: reason,
		},
	})
	switch {
	case err == nil || errors.Is(err, errAsItIs):
		return nil
	case violates(err, "order_transitions_command_key"):
		err = fmt.Errorf("%w: the command ID was used for something else: %w", fulfillment.ErrStale, err)
	}
	return fmt.Errorf("cancel order %d: %w", orderID, translate(err))
}
