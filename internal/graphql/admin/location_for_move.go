package admin

import (
	"context"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
)

// FulfillmentOrderLocationForMove is a location that a fulfillment order could be moved to.
type FulfillmentOrderLocationForMove struct {
	location               *Location
	message                string // why not; empty: it can be moved there
	available, unavailable []*FulfillmentOrderLineItem
}

// LocationsForMove are the locations in use, in the order of routing, and which of the lines they can ship.
func (o *FulfillmentOrder) LocationsForMove(
	ctx context.Context, lineItemIds []string, query *string, locationIds []string, first *int, after *string,
	last *int, before *string, reverse *bool,
) (*FulfillmentOrderLocationForMoveConnection, error) {
	wanted, err := ParseGIDs(lineItemIds, TypeFulfillmentOrderLineItem, TypeLineItem)
	if err != nil {
		return nil, err
	}
	at, err := ParseGIDs(locationIds, TypeLocation)
	if err != nil {
		return nil, err
	}
	all, err := read(ctx).locations.load(ctx)
	if err != nil {
		return nil, err
	}
	var lines []*FulfillmentOrderLineItem
	for _, l := range o.lines() {
		if l.line.Remaining > 0 &&
			(len(wanted) == 0 || slices.Contains(wanted, l.line.ID) || slices.Contains(wanted, l.line.LineItemID)) {
			lines = append(lines, l)
		}
	}
	refusal := o.immovable(ctx)
	var list []*FulfillmentOrderLocationForMove
	for i := range all {
		l := &all[i]
		named := strings.Contains(strings.ToLower(l.Name), strings.ToLower(value(query)))
		if l.Active && named && (locationIds == nil || slices.Contains(at, l.ID)) {
			list = append(list, o.locationForMove(&Location{l}, lines, refusal))
		}
	}
	s, err := segment(
		Paging{first, after, last, before, reverse}, list,
		func(l *FulfillmentOrderLocationForMove) fulfillment.ID { return l.location.State.ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *FulfillmentOrderLocationForMove) *FulfillmentOrderLocationForMoveEdge {
			return &FulfillmentOrderLocationForMoveEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*FulfillmentOrderLocationForMoveEdge, nodes []*FulfillmentOrderLocationForMove, page *PageInfo,
		) *FulfillmentOrderLocationForMoveConnection {
			return &FulfillmentOrderLocationForMoveConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

func (o *FulfillmentOrder) locationForMove(
	to *Location, lines []*FulfillmentOrderLineItem, refusal string,
) *FulfillmentOrderLocationForMove {
	l := &FulfillmentOrderLocationForMove{location: to, message: refusal}
	for _, line := range lines {
		if to.State.Stocks(line.line.SKU) {
			l.available = append(l.available, line)
		} else {
			l.unavailable = append(l.unavailable, line)
		}
	}
	switch {
	case to.State.ID == o.State.AssignedLocation.LocationID:
		l.message = "Current location."
	case l.message == "" && len(l.available) == 0:
		l.message = "No items are stocked at this location."
	}
	return l
}

// immovable says why the fulfillment order can't be moved anywhere; empty: it can. A move that is allowed and not
// listed among the supported actions is one of units that a service gave back.
func (o *FulfillmentOrder) immovable(ctx context.Context) string {
	listed := o.State.SupportedActions(caller(ctx).Actor(o.State.AssignedLocation))
	given := o.State.RequestStatus == fulfillment.RequestRejected ||
		o.State.RequestStatus == fulfillment.RequestCancellationAccepted
	if slices.Contains(listed, fulfillment.ActionMove) || given && o.State.Status != fulfillment.StatusClosed {
		return ""
	}
	return "Cannot change location."
}

// Location is the location.
func (l *FulfillmentOrderLocationForMove) Location() *Location { return l.location }

// Message is why it can't be moved there.
func (l *FulfillmentOrderLocationForMove) Message() *string { return optional(l.message) }

// Movable tells whether it can be moved there.
func (l *FulfillmentOrderLocationForMove) Movable() bool { return l.message == "" }

// AvailableLineItems are the lines that the location can ship.
func (l *FulfillmentOrderLocationForMove) AvailableLineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*FulfillmentOrderLineItemConnection, error) {
	return lineConnection(Paging{first, after, last, before, reverse}, l.available)
}

// AvailableLineItemsCount is how many lines the location can ship.
func (l *FulfillmentOrderLocationForMove) AvailableLineItemsCount() *Count {
	return exactly(len(l.available))
}

// UnavailableLineItems are the lines that the location can't ship.
func (l *FulfillmentOrderLocationForMove) UnavailableLineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*FulfillmentOrderLineItemConnection, error) {
	return lineConnection(Paging{first, after, last, before, reverse}, l.unavailable)
}

// UnavailableLineItemsCount is how many lines the location can't ship.
func (l *FulfillmentOrderLocationForMove) UnavailableLineItemsCount() *Count {
	return exactly(len(l.unavailable))
}

func exactly(n int) *Count { return &Count{Count: n, Precision: CountPrecisionExact} }
