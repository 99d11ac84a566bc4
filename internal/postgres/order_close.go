package postgres

import (
	"context"
	"errors"
	"fmt"

	"packhorse/internal/fulfillment"
)

// CloseOrder closes an order or opens it, and tells whether that changed anything: one that is as it should be already
// stays as it is. [fulfillment.ErrStale] says that the command ID was used for something else.
func (s *Store) CloseOrder(ctx context.Context, c fulfillment.OrderClosing) (changed bool, err error) {
	err = s.write(ctx, writing{orderID: c.OrderID, change: &fulfillment.OrderChange{
		Kind: c.Kind(), CommandID: c.CommandID, Fingerprint: c.Fingerprint, Actor: c.Actor, At: c.At,
	}})
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, errAsItIs):
		return false, nil
	case violates(err, "order_transitions_command_key"):
		err = fmt.Errorf("%w: the command ID was used for something else: %w", fulfillment.ErrStale, err)
	}
	return false, fmt.Errorf("close or open order %d: %w", c.OrderID, translate(err))
}
