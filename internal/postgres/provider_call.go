package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// ProviderCall reads what a call about an order to a location's provider needs, with one statement;
// [fulfillment.ErrNotFound] when there is no such order or location. Deleted locations count, too. destinationBefore is
// that of the fulfillment order: the destination is the one that it goes to.
func (s *Store) ProviderCall(
	ctx context.Context, orderID, locationID fulfillment.ID, destinationBefore int,
) (fulfillment.CallDetails, error) {
	const query = `
SELECT (SELECT jsonb_agg(jsonb_build_object('fulfillmentOrderId', c.fulfillment_order_id, 'call', c.call,
		'claimedBy', c.claimed_by) ORDER BY c.found_at DESC, c.key DESC) FROM lost_calls c WHERE c.order_id = o.id),
	s.options, CASE WHEN $3 = 0 THEN o.shipping_address ELSE (SELECT before->'shippingAddress' FROM order_updates u
	WHERE u.order_id = o.id AND u.number = $3) END, o.currency_code,
	CASE WHEN concat(l.address1, l.address2, l.city, l.zip, l.country_code) <> '' THEN jsonb_build_object('company',
		l.name, 'address1', l.address1, 'address2', l.address2, 'city', l.city, 'provinceCode', l.province_code,
		'countryCode', l.country_code, 'zip', l.zip, 'phone', l.phone) END,
	(SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', i.id, 'unitPrice', i.unit_price::text, 'weight',
		i.weight, 'harmonizedSystemCode', nullif(i.harmonized_system_code, ''), 'countryCodeOfOrigin',
		nullif(i.country_code_of_origin, ''))) ORDER BY i.position, i.id) FROM line_items i WHERE i.order_id = o.id),
	o.shipping_option
FROM orders o JOIN locations l ON l.id = $2 LEFT JOIN services s ON s.id = l.service_id WHERE o.id = $1`
	var call fulfillment.CallDetails
	if err := s.pool.QueryRow(ctx, query, orderID, locationID, destinationBefore).Scan(
		&call.Lost, &call.ServiceOptions, &call.Destination, &call.CurrencyCode, &call.From, &call.Lines,
		&call.ShippingOption,
	); err != nil {
		return fulfillment.CallDetails{}, fmt.Errorf(
			"read order %d and location %d for a provider: %w", orderID, locationID, translate(err),
		)
	}
	return call, nil
}
