package postgres

import (
	"context"
	"errors"
	"fmt"

	"packhorse/internal/fulfillment"
)

// NextOrderName gives out a name for an order that comes without one: "#1001", "#1002" and so on, each of them once. A
// number whose name an order has already, because its sender chose it, is passed over; so are those that nobody used.
func (s *Store) NextOrderName(ctx context.Context) (string, error) {
	const query = `
SELECT name FROM (SELECT '#' || nextval('order_names') AS name) AS next
WHERE NOT EXISTS (SELECT FROM orders o WHERE o.name = next.name)`
	for {
		var name string
		err := translate(s.pool.QueryRow(ctx, query).Scan(&name))
		if errors.Is(err, fulfillment.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("take the next order name: %w", err)
		}
		return name, nil
	}
}
