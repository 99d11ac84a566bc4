package shipbobtest

import (
	"slices"
	"strings"
	"time"
)

// view is an order as the API shows it.
func (s *Server) view(o *Order) map[string]any {
	products := []any{}
	for _, p := range o.body.Products {
		products = append(products, map[string]any{
			"id": s.product(p.ReferenceID), "reference_id": p.ReferenceID, "sku": p.ReferenceID, "quantity": p.Quantity,
			"external_line_id": p.ExternalLineID, "unit_price": nil, "gtin": nil, "upc": nil,
			"quantity_unit_of_measure_code": nil,
		})
	}
	tags := []any{}
	for _, t := range o.body.Tags {
		tags = append(tags, map[string]any{"name": t.Name, "value": t.Value})
	}
	shipments := []any{}
	for _, sh := range o.Shipments {
		shipments = append(shipments, s.viewShipment(o, sh))
	}
	return map[string]any{
		"id": o.ID, "reference_id": o.Reference, "order_number": o.body.OrderNumber, "status": o.Status,
		"type": o.body.Type, "shipping_method": o.body.ShippingMethod, "created_date": stamp(o.made),
		"purchase_date": nil, "channel": map[string]any{"id": Channel, "name": "Test"}, "products": products,
		"tags": tags, "shipments": shipments, "recipient": o.body.Recipient, "gift_message": nil,
		"financials": map[string]any{"total_price": nil},
	}
}

func (s *Server) viewShipment(o *Order, sh *Shipment) map[string]any {
	products := []any{}
	for _, sku := range sortedKeys(sh.Units) {
		items := []any{}
		for i, pieces := range s.pieces(sku) {
			items = append(items, map[string]any{
				"id": s.product(sku)*10 + int64(i), "name": sku, "quantity": pieces * sh.Units[sku],
				"quantity_committed": 0, "is_dangerous_goods": false, "lot": nil, "expiration_date": nil,
				"serial_numbers": nil,
			})
		}
		products = append(products, map[string]any{
			"id": s.product(sku), "reference_id": sku, "sku": sku, "name": sku, "inventory_items": items,
		})
	}
	details := []any{}
	for i, d := range sh.Details {
		details = append(details, map[string]any{
			"id": i + 1, "name": d.Name, "description": d.Description, "inventory_id": nil,
			"exception_fulfillment_center_id": nil, "extra_information": map[string]any{"validation_messages": nil},
		})
	}
	var tracking any // null, though the schema has no null there.
	if sh.Tracking != "" || sh.Carrier != "" {
		tracking = map[string]any{
			"carrier": sh.Carrier, "carrier_service": "Ground", "tracking_number": text(sh.Tracking), "bol": nil,
			"tracking_url": "https://www.example.com/tracking?id=" + sh.Tracking, "shipping_date": stamp(sh.left),
			"pro_number": nil, "scac": nil,
		}
	}
	return map[string]any{
		"id": sh.ID, "order_id": o.ID, "reference_id": o.Reference, "status": sh.Status, "status_details": details,
		"products": products, "tracking": tracking, "location": map[string]any{"id": 10, "name": "Cicero (IL)"},
		"created_date": stamp(o.made), "last_update_at": stamp(sh.changed),
		"last_tracking_update_at": stamp(sh.tracked), "actual_fulfillment_date": stamp(sh.left),
		"delivery_date":                     stamp(sh.delivered),
		"estimated_fulfillment_date":        stamp(o.made.Add(24 * time.Hour)),
		"estimated_fulfillment_date_status": "PendingOnTime", "is_tracking_uploaded": false, "require_signature": false,
		"ship_option": o.body.ShippingMethod,
	}
}

// product is the ID of a SKU.
func (s *Server) product(sku string) int64 {
	if s.products[sku] == 0 {
		s.products[sku] = int64(5000 + len(s.products))
	}
	return s.products[sku]
}

// pieces are the inventory items in one unit of a SKU.
func (s *Server) pieces(sku string) []int {
	if p := s.bundles[sku]; p != nil {
		return p
	}
	return []int{1}
}

// stamp is a time as it is written; nil: there is none.
func stamp(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format("2006-01-02T15:04:05Z")
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
