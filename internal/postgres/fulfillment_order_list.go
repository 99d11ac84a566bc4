package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// whenVisible asks for the fulfillment orders that a caller may read.
func whenVisible(c *conditions, v access.Visibility) {
	services := distinct(v.Services)
	switch {
	case v.Everything():
	case v.Assigned && v.ThirdParty:
		c.sql += " AND f.service_id <> 0"
	case v.Merchant && v.ThirdParty:
		c.add("f.service_id <> ALL($%d::bigint[])", services)
	case v.ThirdParty:
		c.add("f.service_id <> 0 AND f.service_id <> ALL($%d::bigint[])", services)
	default:
		if !v.Assigned {
			services = nil
		}
		if v.Merchant {
			services = append([]int64{0}, services...)
		}
		whenAnyID(c, "f.service_id", services)
	}
}

// AssignmentStatus narrows a service's work to what it has to do next, as in Shopify's
// FulfillmentOrderAssignmentStatus.
type AssignmentStatus string

// The assignment statuses.
const (
	// assigned to the service, not asked for yet
	AssignmentFulfillmentUnsubmitted AssignmentStatus = "FULFILLMENT_UNSUBMITTED"
	AssignmentFulfillmentRequested   AssignmentStatus = "FULFILLMENT_REQUESTED" // asked for, not answered
	// accepted and to be shipped, also after a rejected cancellation
	AssignmentFulfillmentAccepted   AssignmentStatus = "FULFILLMENT_ACCEPTED"
	AssignmentCancellationRequested AssignmentStatus = "CANCELLATION_REQUESTED" // accepted, and then asked to stop
)

// assignmentRequests are the request statuses that an assignment status stands for.
var assignmentRequests = map[AssignmentStatus][]fulfillment.RequestStatus{
	AssignmentFulfillmentUnsubmitted: {fulfillment.RequestUnsubmitted},
	AssignmentFulfillmentRequested:   {fulfillment.RequestSubmitted},
	AssignmentFulfillmentAccepted:    {fulfillment.RequestAccepted, fulfillment.RequestCancellationRejected},
	AssignmentCancellationRequested:  {fulfillment.RequestCancellationRequested},
}

// FulfillmentOrderList asks for fulfillment orders of the whole shop. The zero value asks for the first 50 that are not
// CLOSED; every field that is set narrows that, but for IncludeClosed.
type FulfillmentOrderList struct {
	Window                           // sorts: ID, UPDATED_AT
	Visibility    *access.Visibility // nil: all may be seen
	Search        Search             // of [FulfillmentOrderSearch]; zero: any
	LocationIDs   []fulfillment.ID   // assigned to one of these; nil: anywhere, empty: nowhere
	Assignment    AssignmentStatus   // only those at services that wait for this
	OnHold        bool               // only those with a hold
	IncludeClosed bool               // CLOSED ones, too
}

var fulfillmentOrders = listed{
	table: "fulfillment_orders", alias: "f", keys: map[Sort]string{SortUpdatedAt: "f.updated_at"},
	columns: "f.snapshot, " + besideSnapshot,
}

// span checks the list, and turns it into conditions.
func (l FulfillmentOrderList) span(c *conditions) (span, error) {
	s, err := l.check(SortID, SortUpdatedAt)
	if err != nil {
		return s, err
	}
	switch {
	case l.OnHold:
		c.sql += " AND f.status = 'ON_HOLD'"
	case !l.IncludeClosed: // Word for word the condition of the partial indexes.
		c.sql += " AND f.status <> 'CLOSED'"
	}
	if l.Visibility != nil {
		whenVisible(c, *l.Visibility)
	}
	if l.LocationIDs != nil {
		whenAnyID(c, "f.location_id", distinct(l.LocationIDs))
	}
	l.Search.of("f").addTo(c, fulfillmentOrders.keys[s.sort])
	if l.Assignment != "" {
		requests, ok := assignmentRequests[l.Assignment]
		if !ok {
			return s, refused("assignmentStatus", "There is no assignment status %s.", shortText(string(l.Assignment)))
		}
		c.sql += " AND f.service_id <> 0"
		whenAny(c, "f.request_status", requests)
	}
	return s, nil
}

// ListFulfillmentOrders lists fulfillment orders, with the names of their shipments and without their last answers. A
// window or an assignment status that makes no sense is refused with a *[fulfillment.Error].
func (s *Store) ListFulfillmentOrders(
	ctx context.Context, list FulfillmentOrderList,
) (Segment[*fulfillment.FulfillmentOrder], error) {
	of, err := s.listFulfillmentOrders(ctx, list, conditions{}, false)
	return of[0], err
}

// WaitingAt lists fulfillment orders at a location that are not CLOSED, by ID: up to limit of those after this one.
func (s *Store) WaitingAt(
	ctx context.Context, locationID, after fulfillment.ID, limit int,
) ([]*fulfillment.FulfillmentOrder, error) {
	list := FulfillmentOrderList{LocationIDs: []fulfillment.ID{locationID}, Window: Window{Sort: SortID, First: limit}}
	if after != 0 {
		list.After = Place{Sort: SortID, ID: after}.String()
	}
	page, err := s.ListFulfillmentOrders(ctx, list)
	return page.Items, err
}

// CountWaitingAt counts the fulfillment orders at each of the locations that are not CLOSED or CANCELLED. One at which
// there are none is not in the map.
func (s *Store) CountWaitingAt(ctx context.Context, locationIDs []fulfillment.ID) (map[fulfillment.ID]int, error) {
	const query = `
SELECT location_id, count(*) FROM fulfillment_orders
WHERE location_id = ANY($1) AND status NOT IN ('CLOSED', 'CANCELLED') GROUP BY location_id`
	counts := make(map[fulfillment.ID]int, len(locationIDs))
	rows, err := s.pool.Query(ctx, query, distinct(locationIDs))
	if err == nil {
		var id fulfillment.ID
		var count int
		_, err = pgx.ForEachRow(rows, []any{&id, &count}, func() error {
			counts[id] = count
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("count what waits at %d locations: %w", len(locationIDs), translate(err))
	}
	return counts, nil
}

// FulfillmentOrdersOfOrders lists the fulfillment orders of each of these orders, which are all in the map. The list is
// the same for each of them.
func (s *Store) FulfillmentOrdersOfOrders(
	ctx context.Context, orderIDs []fulfillment.ID, list FulfillmentOrderList,
) (map[fulfillment.ID]Segment[*fulfillment.FulfillmentOrder], error) {
	return s.listFulfillmentOrders(
		ctx, list, conditions{sql: " AND f.order_id = parent.id", args: []any{distinct(orderIDs)}}, true,
	)
}

func (s *Store) listFulfillmentOrders(
	ctx context.Context, list FulfillmentOrderList, c conditions, parents bool,
) (map[fulfillment.ID]Segment[*fulfillment.FulfillmentOrder], error) {
	span, err := list.span(&c)
	if err != nil {
		return nil, err
	}
	of, err := segments(ctx, s, span, fulfillmentOrders, c, parents, func() (
		[]any, func() *fulfillment.FulfillmentOrder,
	) {
		var fo *fulfillment.FulfillmentOrder
		var stored beside
		return []any{&fo, &stored}, func() *fulfillment.FulfillmentOrder {
			stored.addTo(fo)
			return fo
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list fulfillment orders: %w", translate(err))
	}
	for _, segment := range of {
		if err := s.whole(ctx, segment.Items...); err != nil {
			return nil, err
		}
	}
	return of, nil
}

// whenAnyID asks for one of the IDs.
func whenAnyID(c *conditions, column string, ids []int64) {
	switch {
	case len(ids) == 0:
		c.sql += " AND false"
	case len(ids) == 1: // An equality lets the planner walk an index on the column in the order of the list.
		c.add(column+" = $%d", ids[0])
	case c.each == "":
		c.args = append(c.args, ids)
		c.each = fmt.Sprintf("$%d::bigint[]", len(c.args))
		c.sql += " AND " + column + " = each.id"
	default:
		c.add(column+" = ANY($%d::bigint[])", ids)
	}
}
