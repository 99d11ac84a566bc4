package postgres

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"packhorse/internal/fulfillment"
)

// OwnedFulfillment is a shipment with the fulfillment orders that its units came from: mostly one. Shipments that were
// read together share their fulfillment orders.
type OwnedFulfillment struct {
	Owner       *fulfillment.FulfillmentOrder   // has all that is known of the shipment
	Fulfillment *fulfillment.Fulfillment        // as the owner has it, with the owner's lines
	Sources     []*fulfillment.FulfillmentOrder // the owner, and those that have a part of the shipment, by ID
}

// Lines are the units of the whole shipment: one line for each order line, as Shopify's API has them. It has the ID of
// the first of those that it sums up.
func (o *OwnedFulfillment) Lines() []fulfillment.FulfillmentLine {
	lines := slices.Clone(o.Fulfillment.Lines)
	for _, source := range o.Sources {
		part := shipmentOf(source, o.Fulfillment.ID)
		if source == o.Owner || part == nil {
			continue
		}
		lines = append(lines, part.Lines...)
	}
	return summed(lines)
}

func summed(lines []fulfillment.FulfillmentLine) []fulfillment.FulfillmentLine {
	var sums []fulfillment.FulfillmentLine
	for _, l := range lines {
		i := slices.IndexFunc(sums, func(s fulfillment.FulfillmentLine) bool { return s.LineItemID == l.LineItemID })
		if i < 0 {
			sums = append(sums, l)
			continue
		}
		sums[i].Quantity += l.Quantity
	}
	return sums
}

func shipmentOf(fo *fulfillment.FulfillmentOrder, id fulfillment.ID) *fulfillment.Fulfillment {
	for i := range fo.Fulfillments {
		if fo.Fulfillments[i].ID == id {
			return &fo.Fulfillments[i]
		}
	}
	return nil
}

// FulfillmentsOf are the shipments of one order, whose fulfillment orders these are, by ID. It asks nobody.
func FulfillmentsOf(fos []*fulfillment.FulfillmentOrder) []*OwnedFulfillment {
	var all []*OwnedFulfillment
	sources := map[fulfillment.ID][]*fulfillment.FulfillmentOrder{}
	for _, fo := range fos {
		for i := range fo.Fulfillments {
			f := &fo.Fulfillments[i]
			sources[f.ID] = append(sources[f.ID], fo)
			if f.HomeID == 0 {
				all = append(all, &OwnedFulfillment{Owner: fo, Fulfillment: f})
			}
		}
	}
	for _, o := range all {
		o.Sources = sources[o.Fulfillment.ID]
		slices.SortFunc(o.Sources, func(a, b *fulfillment.FulfillmentOrder) int { return cmp.Compare(a.ID, b.ID) })
	}
	slices.SortFunc(all, func(a, b *OwnedFulfillment) int { return cmp.Compare(a.Fulfillment.ID, b.Fulfillment.ID) })
	return all
}

// FulfillmentKey is how a shipment is looked up.
type FulfillmentKey string

// The keys of [Store.FulfillmentsBy].
const (
	FulfillmentByID    FulfillmentKey = "ID"
	FulfillmentByLine  FulfillmentKey = "line"  // the ID of a fulfillment line item
	FulfillmentByEvent FulfillmentKey = "event" // the ID of a fulfillment event
)

var fulfillmentKeys = map[FulfillmentKey]string{
	FulfillmentByID:    `SELECT id AS key, id FROM fulfillments WHERE id = ANY($1)`,
	FulfillmentByLine:  `SELECT id AS key, fulfillment_id AS id FROM fulfillment_line_items WHERE id = ANY($1)`,
	FulfillmentByEvent: `SELECT id AS key, fulfillment_id AS id FROM fulfillment_events WHERE id = ANY($1)`,
}

// FulfillmentsByID reads shipments in the order of the IDs. What does not exist is nil.
func (s *Store) FulfillmentsByID(ctx context.Context, ids []fulfillment.ID) ([]*OwnedFulfillment, error) {
	return s.FulfillmentsBy(ctx, FulfillmentByID, ids)
}

// FulfillmentsBy reads the shipments that have these keys, in the order of the keys. What does not exist is nil.
func (s *Store) FulfillmentsBy(
	ctx context.Context, by FulfillmentKey, keys []fulfillment.ID,
) ([]*OwnedFulfillment, error) {
	wanted, ok := fulfillmentKeys[by]
	if !ok {
		return nil, fmt.Errorf("read fulfillments: %w: there is no key %q", fulfillment.ErrInvalid, by)
	}
	query := `SELECT wanted.key, wanted.id, f.snapshot, ` + besideSnapshot + `
FROM (` + wanted + `) wanted JOIN fulfillments w ON w.id = wanted.id JOIN fulfillment_orders f ON f.order_id =
	w.order_id
WHERE EXISTS (SELECT FROM jsonb_array_elements(f.snapshot->'fulfillments') e WHERE (e->>'id')::bigint = wanted.id)
ORDER BY wanted.key, f.id`
	rows, err := s.pool.Query(ctx, query, distinct(keys))
	if err != nil {
		return nil, fmt.Errorf("read %d fulfillments: %w", len(keys), translate(err))
	}
	known := map[fulfillment.ID]*fulfillment.FulfillmentOrder{}
	found := map[fulfillment.ID]*OwnedFulfillment{}
	for rows.Next() {
		var key, id fulfillment.ID
		var fo *fulfillment.FulfillmentOrder
		var stored beside
		if err := rows.Scan(&key, &id, &fo, &stored); err != nil {
			rows.Close()
			return nil, fmt.Errorf("read %d fulfillments: %w", len(keys), err)
		}
		if first, ok := known[fo.ID]; ok {
			fo = first
		} else {
			stored.addTo(fo)
			known[fo.ID] = fo
		}
		if found[key] == nil {
			found[key] = new(OwnedFulfillment)
		}
		o, f := found[key], shipmentOf(fo, id)
		o.Sources = append(o.Sources, fo)
		if f.HomeID == 0 {
			o.Owner, o.Fulfillment = fo, f
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read %d fulfillments: %w", len(keys), translate(err))
	}
	if err := s.whole(ctx, slices.Collect(maps.Values(known))...); err != nil {
		return nil, err
	}
	owned := make([]*OwnedFulfillment, len(keys))
	for i, key := range keys {
		if o := found[key]; o != nil && o.Owner != nil {
			owned[i] = o
		}
	}
	return owned, nil
}
