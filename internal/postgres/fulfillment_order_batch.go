package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// The reads of this file answer for many objects with one statement, for callers that gather what a whole level of a
// response needs. Fulfillment orders come with the names of their shipments and without their last answers.

const selectSnapshot = `SELECT f.snapshot, ` + besideSnapshot + ` FROM fulfillment_orders f `

func scanSnapshot(row pgx.CollectableRow) (*fulfillment.FulfillmentOrder, error) {
	var fo fulfillment.FulfillmentOrder
	var stored beside
	err := row.Scan(&fo, &stored)
	stored.addTo(&fo)
	return &fo, err
}

func (s *Store) snapshots(ctx context.Context, query string, args ...any) ([]*fulfillment.FulfillmentOrder, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	fos, err := pgx.CollectRows(rows, scanSnapshot)
	if err != nil {
		return nil, err
	}
	return fos, s.whole(ctx, fos...)
}

// FulfillmentOrdersByID reads fulfillment orders in the order of the IDs. What does not exist is nil; an ID that is
// there twice gets the same fulfillment order twice.
func (s *Store) FulfillmentOrdersByID(
	ctx context.Context, ids []fulfillment.ID,
) ([]*fulfillment.FulfillmentOrder, error) {
	fos, err := s.snapshots(ctx, selectSnapshot+`WHERE f.id = ANY($1)`, distinct(ids))
	if err != nil {
		return nil, fmt.Errorf("read %d fulfillment orders: %w", len(ids), translate(err))
	}
	return inOrderOf(ids, fos, func(fo *fulfillment.FulfillmentOrder) fulfillment.ID { return fo.ID }), nil
}

// FulfillmentOrdersOfAll reads all fulfillment orders of each of these orders, closed ones too, by ID. An order that
// has none is left out.
func (s *Store) FulfillmentOrdersOfAll(ctx context.Context, orderIDs []fulfillment.ID) (
	map[fulfillment.ID][]*fulfillment.FulfillmentOrder, error,
) {
	fos, err := s.snapshots(
		ctx, selectSnapshot+`WHERE f.order_id = ANY($1) ORDER BY f.order_id, f.id`, distinct(orderIDs),
	)
	if err != nil {
		return nil, fmt.Errorf("read the fulfillment orders of %d orders: %w", len(orderIDs), translate(err))
	}
	of := make(map[fulfillment.ID][]*fulfillment.FulfillmentOrder, len(orderIDs))
	for _, fo := range fos {
		of[fo.OrderID] = append(of[fo.OrderID], fo)
	}
	return of, nil
}

// Part is a kind of object that lives inside a fulfillment order. For those of a shipment, see [FulfillmentKey].
type Part string

// The parts that [Store.FulfillmentOrdersByPart] finds the owners of.
const (
	PartLine            Part = "fulfillment order line item"
	PartHold            Part = "fulfillment hold" // that is not released
	PartMerchantRequest Part = "merchant request"
)

// partIDs are the IDs of parts, each as snapshots may have it written: as text, or from before that as a number.
const partIDs = `(SELECT id, unnest(ARRAY[to_jsonb(id::text), to_jsonb(id)]) AS written
	FROM unnest($1::bigint[]) AS p (id)) p`

// partOwners select the part's ID and its fulfillment order's. Units that moved on leave lines without units behind,
// with the same ID in rare cases: the owner is the one that is not closed, then the latest.
var partOwners = map[Part]string{
	PartLine: `SELECT l.id, f.id AS owner FROM fulfillment_order_line_items l
	JOIN fulfillment_orders f ON f.id = l.fulfillment_order_id WHERE l.id = ANY($1)`,
	PartHold: `SELECT p.id, f.id AS owner FROM ` + partIDs + `
	JOIN fulfillment_orders f ON f.holds > 0 AND f.snapshot->'fulfillmentHolds' @>
		jsonb_build_array(jsonb_build_object('id', p.written))`,
	PartMerchantRequest: `SELECT p.id, f.id AS owner FROM ` + partIDs + `
	JOIN fulfillment_orders f ON f.snapshot ? 'merchantRequests'
		AND f.snapshot->'merchantRequests' @> jsonb_build_array(jsonb_build_object('id', p.written))
	UNION SELECT p.id, t.fulfillment_order_id FROM unnest($1::bigint[]) AS p (id)
	JOIN transitions t ON t.kind IN ('FULFILLMENT_REQUESTED', 'CANCELLATION_REQUESTED')
		AND t.details->'merchantRequest'->>'id' = p.id::text`,
}

// FulfillmentOrdersByPart reads the fulfillment orders that these parts live in, in the order of the parts' IDs. What
// does not exist is nil. Parts of the same fulfillment order share it.
func (s *Store) FulfillmentOrdersByPart(
	ctx context.Context, part Part, ids []fulfillment.ID,
) ([]*fulfillment.FulfillmentOrder, error) {
	owners, ok := partOwners[part]
	if !ok {
		return nil, fmt.Errorf("find fulfillment orders: %w: there is no part %q", fulfillment.ErrInvalid, part)
	}
	query := `SELECT p.id, f.snapshot, ` + besideSnapshot + ` FROM (SELECT DISTINCT ON (p.id) p.id, p.owner FROM (` + owners + `) p
	JOIN fulfillment_orders f ON f.id = p.owner ORDER BY p.id, f.status = 'CLOSED', f.id DESC) p JOIN
		fulfillment_orders f ON f.id = p.owner`
	type found struct {
		part  fulfillment.ID
		owner *fulfillment.FulfillmentOrder
	}
	known := map[fulfillment.ID]*fulfillment.FulfillmentOrder{}
	rows, err := s.pool.Query(ctx, query, distinct(ids))
	var parts []*found
	if err == nil {
		parts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (*found, error) {
			var f found
			var stored beside
			if err := row.Scan(&f.part, &f.owner, &stored); err != nil {
				return nil, err
			}
			if first, ok := known[f.owner.ID]; ok {
				f.owner = first
				return &f, nil
			}
			stored.addTo(f.owner)
			known[f.owner.ID] = f.owner
			return &f, nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("find the fulfillment orders of %d parts (%s): %w", len(ids), part, translate(err))
	}
	if err := s.whole(ctx, slices.Collect(maps.Values(known))...); err != nil {
		return nil, err
	}
	fos := make([]*fulfillment.FulfillmentOrder, len(ids))
	for i, f := range inOrderOf(ids, parts, func(f *found) fulfillment.ID { return f.part }) {
		if f != nil {
			fos[i] = f.owner
		}
	}
	return fos, nil
}

// distinct are the IDs once each, as PostgreSQL takes them.
func distinct(ids []fulfillment.ID) []int64 {
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// pointers are those to the items.
func pointers[T any](items []T) []*T {
	list := make([]*T, len(items))
	for i := range items {
		list[i] = &items[i]
	}
	return list
}

// inOrderOf puts what was found in the places of its IDs, and nil in those of others.
func inOrderOf[T any](ids []fulfillment.ID, found []*T, id func(*T) fulfillment.ID) []*T {
	byID := make(map[fulfillment.ID]*T, len(found))
	for _, item := range found {
		byID[id(item)] = item
	}
	items := make([]*T, len(ids))
	for i, id := range ids {
		items[i] = byID[id]
	}
	return items
}
