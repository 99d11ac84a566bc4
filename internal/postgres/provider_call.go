package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// ProviderCall reads what a call about an order to a location's provider needs, with one statement;
// [fulfillment.ErrNotFound] when there is no such order or location. Deleted locations count, too.
func (s *Store) ProviderCall(ctx context.Context, orderID, locationID fulfillment.ID) (fulfillment.CallDetails, error) {
	const query = `
SELECT s.options, o.shipping_address
FROM orders o JOIN locations l ON l.id = $2 LEFT JOIN services s ON s.id = l.service_id WHERE o.id = $1`
	var call fulfillment.CallDetails
	if err := s.pool.QueryRow(ctx, query, orderID, locationID).Scan(
		&call.ServiceOptions, &call.Destination,
	); err != nil {
		return fulfillment.CallDetails{}, fmt.Errorf(
			"read order %d and location %d for a provider: %w", orderID, locationID, translate(err),
		)
	}
	return call, nil
}
