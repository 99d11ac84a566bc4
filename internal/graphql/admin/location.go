package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/search"
)

// Location is a place that ships.
type Location struct{ State *fulfillment.Location }

// Location is the location with this number; nil when there is none, or none any more.
func (l *Loaders) Location(ctx context.Context, id fulfillment.ID) (*Location, error) {
	state, err := l.reads().locationsByID.load(ctx, id)
	if state == nil {
		return nil, err
	}
	return &Location{state}, nil
}

// DefaultLocation is the merchant's own location that gets what no other stocks, or else comes first in routing; nil
// when there is none.
func (l *Loaders) DefaultLocation(ctx context.Context) (*Location, error) {
	locations, err := l.reads().locations.load(ctx)
	var first *Location
	for i := range locations {
		switch {
		case locations[i].ServiceID != 0, !locations[i].Active:
		case locations[i].Default:
			return &Location{&locations[i]}, nil
		case first == nil:
			first = &Location{&locations[i]}
		}
	}
	return first, err
}

// LocationList asks for locations.
type LocationList struct {
	Paging
	SortKey         *LocationSortKeys // default NAME
	Query           *string
	IncludeLegacy   bool // those of fulfillment services, too
	IncludeInactive bool
}

// Locations lists locations.
func (l *Loaders) Locations(ctx context.Context, list LocationList) (*LocationConnection, error) {
	e, err := search.Parse(value(list.Query))
	if err != nil {
		return nil, err
	}
	condition, err := postgres.LocationSearch(e)
	if err != nil {
		return nil, err
	}
	key := postgres.Sort(value(list.SortKey))
	if key == "" || key == postgres.Sort(LocationSortKeysRelevance) {
		key = postgres.SortName
	}
	s, err := l.book.ListLocations(ctx, postgres.LocationList{
		Window: list.Window(key), Search: condition,
		IncludeServices: list.IncludeLegacy, IncludeInactive: list.IncludeInactive,
	})
	if err != nil {
		return nil, err
	}
	return connection(mapped(s, func(state fulfillment.Location) *Location { return &Location{&state} }),
		func(cursor string, node *Location) *LocationEdge { return &LocationEdge{Cursor: cursor, Node: node} },
		func(edges []*LocationEdge, nodes []*Location, page *PageInfo) *LocationConnection {
			return &LocationConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// IsNode says that [Loaders.Node] finds it.
func (*Location) IsNode() {}

// IsLegacyInteroperability says that it has a plain number.
func (*Location) IsLegacyInteroperability() {}

// ID is the location's global ID.
func (l *Location) ID() GID { return GID{TypeLocation, l.State.ID} }

// LegacyResourceID is the number of the ID.
func (l *Location) LegacyResourceID() uint64 { return uint64(l.State.ID) }

// Name is shown to people.
func (l *Location) Name() string { return l.State.Name }

// Address is where it is.
func (l *Location) Address() *LocationAddress {
	s := l.State
	return &LocationAddress{
		Address1: optional(s.Address1), Address2: optional(s.Address2), City: optional(s.City), Zip: optional(s.Zip),
		Country: optional(countryName(s.CountryCode)), CountryCode: optional(s.CountryCode), Phone: optional(s.Phone),
		Province: optional(s.ProvinceCode), ProvinceCode: optional(s.ProvinceCode),
		Formatted: filled(
			s.Address1, s.Address2, strings.Join(filled(s.City, s.ProvinceCode, s.Zip), " "),
			countryName(s.CountryCode),
		),
	}
}

// CreatedAt is when it was added.
func (l *Location) CreatedAt() time.Time { return l.State.CreatedAt }

// UpdatedAt is when it last changed.
func (l *Location) UpdatedAt() time.Time { return l.State.UpdatedAt }

// DeactivatedAt is since when it is not in use; nil while it is.
func (l *Location) DeactivatedAt() *string {
	if l.State.DeactivatedAt == nil {
		return nil
	}
	return new(l.State.DeactivatedAt.UTC().Format(time.RFC3339))
}

// Activatable tells whether it could be taken into use.
func (l *Location) Activatable(ctx context.Context) (bool, error) {
	others, err := l.others(ctx)
	return l.State.CheckActivation(others) == nil, err
}

// Deactivatable tells whether it could be taken out of use, if nothing waited there: that can go elsewhere.
func (l *Location) Deactivatable(ctx context.Context) (bool, error) {
	others, err := l.others(ctx)
	return l.State.CheckDeactivation(others) == nil, err
}

// Deletable tells whether it could be deleted.
func (l *Location) Deletable(ctx context.Context) (bool, error) {
	waiting, err := read(ctx).waitingAt.load(ctx, l.State.ID)
	return l.State.CheckDeletion(waiting) == nil, err
}

// HasUnfulfilledOrders tells whether fulfillment orders wait there.
func (l *Location) HasUnfulfilledOrders(ctx context.Context) (bool, error) {
	waiting, err := read(ctx).waitingAt.load(ctx, l.State.ID)
	return waiting > 0, err
}

// HasActiveInventory is false: Packhorse counts no stock.
func (l *Location) HasActiveInventory() bool { return false }

// others are the other locations that there are.
func (l *Location) others(ctx context.Context) ([]fulfillment.Location, error) {
	all, err := read(ctx).locations.load(ctx)
	return slices.DeleteFunc(slices.Clone(all), func(other fulfillment.Location) bool {
		return other.ID == l.State.ID
	}), err
}

// IsActive tells whether it is in use.
func (l *Location) IsActive() bool { return l.State.Active }

// IsFulfillmentService tells whether a service runs it.
func (l *Location) IsFulfillmentService() bool { return l.State.IsFulfillmentService() }

// FulfillsOnlineOrders tells whether orders are routed to it.
func (l *Location) FulfillsOnlineOrders() bool { return l.State.TakesOnlineOrders() }

// ShipsInventory tells whether it ships the merchant's own stock.
func (l *Location) ShipsInventory() bool { return l.State.ShipsInventory() }

// FulfillmentService is who runs it; nil at the merchant's own.
func (l *Location) FulfillmentService() *FulfillmentService {
	if l.State.Service == nil {
		return nil
	}
	return &FulfillmentService{l.State.Service}
}

// filled are the texts that are not empty.
func filled(texts ...string) []string {
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}
