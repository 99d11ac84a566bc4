package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// ProviderCall is what a call to a provider needs of the store.
type ProviderCall struct {
	ServiceOptions map[string]any       // of the service that runs the location; nil: there is none, or it has none
	Destination    *fulfillment.Address // the order's; nil: it has none
}

// ProviderCall reads what a call about an order to a location's provider needs, with one statement; [ErrNotFound] when
// there is no such order or location. Deleted locations count, too.
func (s *Store) ProviderCall(ctx context.Context, orderID, locationID fulfillment.ID) (ProviderCall, error) {
	const query = `
SELECT s.options, o.shipping_address
FROM orders o JOIN locations l ON l.id = $2 LEFT JOIN services s ON s.id = l.service_id WHERE o.id = $1`
	var call ProviderCall
	if err := s.pool.QueryRow(ctx, query, orderID, locationID).Scan(&call.ServiceOptions, &call.Destination); err != nil {
		return ProviderCall{}, fmt.Errorf("read order %d and location %d for a provider: %w", orderID, locationID, translate(err))
	}
	return call, nil
}
