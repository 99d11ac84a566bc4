package admin

import (
	"cmp"
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/search"
)

// ErrNoService is the answer to an app that asks for what is assigned to its services, and has none; in the words of
// Shopify's API.
var ErrNoService error = &answerError{
	message: "The api_client is not associated with any fulfillment service.", code: "BAD_REQUEST",
}

// FulfillmentOrderList asks for fulfillment orders of the whole shop.
type FulfillmentOrderList struct {
	Paging
	SortKey       *FulfillmentOrderSortKeys // default ID
	Query         *string
	IncludeClosed bool
	OnHold        bool // only held ones

	AssignedOnly bool // only those at the services of the caller's app
	Assignment   *FulfillmentOrderAssignmentStatus
	LocationIDs  []fulfillment.ID // nil: anywhere
}

// FulfillmentOrders lists what the caller may see of it.
func (l *Loaders) FulfillmentOrders(
	ctx context.Context, list FulfillmentOrderList,
) (*FulfillmentOrderConnection, error) {
	by := caller(ctx)
	kinds := by.ReadKinds()
	if list.AssignedOnly {
		if len(by.Services) == 0 {
			return nil, ErrNoService
		}
		kinds.Merchant, kinds.ThirdParty, kinds.Assigned = false, false, true
	}
	condition, err := fulfillmentOrderSearch(list.Query)
	if err != nil {
		return nil, err
	}
	r := l.reads()
	s, err := r.book.ListFulfillmentOrders(ctx, postgres.FulfillmentOrderList{
		Window:     list.Window(postgres.Sort(cmp.Or(string(value(list.SortKey)), string(postgres.SortID)))),
		Visibility: &kinds, Search: condition,
		LocationIDs: list.LocationIDs, Assignment: postgres.AssignmentStatus(value(list.Assignment)),
		OnHold:        list.OnHold,
		IncludeClosed: list.IncludeClosed,
	})
	if err != nil {
		return nil, err
	}
	for _, fo := range s.Items {
		r.sawFulfillmentOrder(fo)
	}
	return fulfillmentOrderSegment(mapped(s, newFulfillmentOrder)), nil
}

func newFulfillmentOrder(state *fulfillment.FulfillmentOrder) *FulfillmentOrder {
	return &FulfillmentOrder{state}
}

func fulfillmentOrderSearch(query *string) (postgres.Search, error) {
	e, err := search.Parse(value(query))
	if err != nil {
		return postgres.Search{}, err
	}
	return postgres.FulfillmentOrderSearch(e)
}
