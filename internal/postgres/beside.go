package postgres

import (
	"time"

	"packhorse/internal/fulfillment"
)

// besideSnapshot selects what only the store knows of the fulfillment order f, as JSON: see [beside].
const besideSnapshot = `jsonb_build_object('createdAt', f.created_at, 'updatedAt', f.updated_at, 'shipments',
	(SELECT jsonb_object_agg(s.id, jsonb_build_object('name', s.name, 'createdAt', s.created_at,
		'updatedAt', s.updated_at))
		FROM fulfillments s WHERE s.order_id = f.order_id))`

// beside is what only the store knows of a fulfillment order: when it and its shipments were committed, and the names
// of these. They are numbered over the whole order, so the snapshot, which knows one fulfillment order, can't have
// them. A part of a shipment has the name and the times of the whole.
type beside struct {
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Shipments map[fulfillment.ID]struct {
		Name      string    `json:"name"`
		CreatedAt time.Time `json:"createdAt"`
		UpdatedAt time.Time `json:"updatedAt"`
	} `json:"shipments"`
}

func (b *beside) addTo(fo *fulfillment.FulfillmentOrder) {
	fo.Committed = fulfillment.Committed{First: b.CreatedAt.UTC(), Last: b.UpdatedAt.UTC()}
	for i := range fo.Fulfillments {
		f := &fo.Fulfillments[i]
		stored := b.Shipments[f.ID]
		f.Name = stored.Name
		f.Committed = fulfillment.Committed{First: stored.CreatedAt.UTC(), Last: stored.UpdatedAt.UTC()}
	}
}
