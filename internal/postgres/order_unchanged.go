package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// NoteUnchanged remembers a command that changed nothing of an order. What is there under its command ID stays.
func (s *Store) NoteUnchanged(ctx context.Context, c fulfillment.OrderUnchanged) error {
	if c.CommandID == "" {
		return nil
	}
	const sql = `INSERT INTO order_unchanged (order_id, command_id, fingerprint, closed_at, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING`
	_, err := s.pool.Exec(ctx, sql, c.OrderID, clean(c.CommandID), c.Fingerprint, c.ClosedAt, c.At)
	if err != nil {
		return fmt.Errorf("note that command %q left order %d as it is: %w", c.CommandID, c.OrderID, translate(err))
	}
	return nil
}

// UnchangedBy finds the command with this ID that changed nothing of an order; [fulfillment.ErrNotFound] when there is
// none.
func (s *Store) UnchangedBy(
	ctx context.Context, orderID fulfillment.ID, commandID string,
) (fulfillment.OrderUnchanged, error) {
	const query = `SELECT fingerprint, closed_at, at FROM order_unchanged WHERE order_id = $1 AND command_id = $2`
	c := fulfillment.OrderUnchanged{OrderID: orderID, CommandID: commandID}
	err := s.pool.QueryRow(ctx, query, orderID, clean(commandID)).Scan(&c.Fingerprint, &c.ClosedAt, &c.At)
	if err != nil {
		return c, fmt.Errorf("read what command %q did to order %d: %w", commandID, orderID, translate(err))
	}
	return c, nil
}
