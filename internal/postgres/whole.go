package postgres

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// whole puts back into large fulfillment orders what their snapshots leave out; of others, which are nearly all, it
// asks nothing. Of a store that reads them abridged, it makes large ones that are not. Those that are nil are passed
// over.
func (s *Store) whole(ctx context.Context, fos ...*fulfillment.FulfillmentOrder) error {
	for _, fo := range fos {
		switch {
		case fo == nil:
			continue
		case s.abridged:
			fo.Abridge()
			continue
		case !fo.Abridged:
			continue
		}
		if err := s.putBack(ctx, fo); err != nil {
			return fmt.Errorf("read what the snapshot of fulfillment order %d leaves out: %w", fo.ID, translate(err))
		}
	}
	return nil
}

func (s *Store) putBack(ctx context.Context, fo *fulfillment.FulfillmentOrder) error {
	const left = `
SELECT kind, jsonb_strip_nulls(jsonb_build_object('merchantRequest', details->'merchantRequest',
	'fulfillmentHold', details->'fulfillmentHold', 'rejectedLineItems', details->'rejectedLineItems',
	'message', details->'message', 'fulfillmentEvent', details->'fulfillmentEvent',
	'fulfillment', CASE WHEN details ? 'fulfillmentEvent' THEN
		jsonb_build_object('id', details->'fulfillment'->'id') END)) AS details
FROM transitions WHERE fulfillment_order_id = $1 AND kind = ANY($2) ORDER BY sequence`
	type step struct {
		Kind    fulfillment.Kind
		Details *fulfillment.Details
	}
	steps, err := collect[step](ctx, s, left, []any{fo.ID, fulfillment.KindsLeftOut})
	if err != nil {
		return err
	}
	type title struct {
		ID    fulfillment.ID
		Title string
	}
	titled, err := collect[title](ctx, s, `SELECT id, title FROM line_items WHERE order_id = $1`, []any{fo.OrderID})
	if err != nil {
		return err
	}
	transitions := make([]fulfillment.Transition, len(steps))
	for i, s := range steps {
		transitions[i].Kind, transitions[i].Details = s.Kind, s.Details
	}
	titles := make(map[fulfillment.ID]string, len(titled))
	for _, t := range titled {
		titles[t.ID] = t.Title
	}
	fo.Whole(transitions, titles)
	return nil
}
