package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/search"
)

// Order is what a customer bought.
type Order struct{ State *fulfillment.OrderRecord }

// Order is the order with this number; nil when there is none.
func (l *Loaders) Order(ctx context.Context, id fulfillment.ID) (*Order, error) {
	state, err := l.reads().orders.load(ctx, id)
	if state == nil {
		return nil, err
	}
	return &Order{state}, nil
}

// orderOf is the order of something that names it.
func orderOf(ctx context.Context, id fulfillment.ID) (*Order, error) {
	order, err := LoadersFrom(ctx).Order(ctx, id)
	if order == nil && err == nil {
		err = fmt.Errorf("read order %d: it is not in the store", id)
	}
	return order, err
}

// OrderList asks for orders of the whole shop.
type OrderList struct {
	Paging
	SortKey *OrderSortKeys // default PROCESSED_AT
	Query   *string
}

// Orders lists orders.
func (l *Loaders) Orders(ctx context.Context, list OrderList) (*OrderConnection, error) {
	e, err := search.Parse(value(list.Query))
	if err != nil {
		return nil, err
	}
	condition, err := postgres.OrderSearch(e)
	if err != nil {
		return nil, err
	}
	r := l.reads()
	key := postgres.Sort(value(list.SortKey))
	if key == "" || key == postgres.Sort(OrderSortKeysRelevance) {
		key = postgres.SortProcessedAt
	}
	s, err := r.book.ListOrders(ctx, postgres.OrderList{Window: list.Window(key), Search: condition})
	if err != nil {
		return nil, err
	}
	for _, order := range s.Items {
		r.sawOrder(order)
	}
	return connection(mapped(s, func(state *fulfillment.OrderRecord) *Order { return &Order{state} }),
		func(cursor string, node *Order) *OrderEdge { return &OrderEdge{Cursor: cursor, Node: node} },
		func(edges []*OrderEdge, nodes []*Order, page *PageInfo) *OrderConnection {
			return &OrderConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// CountOrders counts the orders that a search finds, at most so many; nil: all.
func (l *Loaders) CountOrders(ctx context.Context, query *string, limit *int) (*Count, error) {
	e, err := search.Parse(value(query))
	if err != nil {
		return nil, err
	}
	condition, err := postgres.OrderSearch(e)
	if err != nil {
		return nil, err
	}
	n, all, err := l.reads().book.CountOrders(ctx, condition, limit)
	if err != nil {
		return nil, err
	}
	return countOf(n, all), nil
}

// IsNode says that [Loaders.Node] finds it.
func (*Order) IsNode() {}

// IsLegacyInteroperability says that it has a plain number.
func (*Order) IsLegacyInteroperability() {}

// ID is its global ID.
func (o *Order) ID() GID { return GID{TypeOrder, o.State.ID} }

// LegacyResourceID is the number of the ID.
func (o *Order) LegacyResourceID() uint64 { return uint64(o.State.ID) }

// Name is shown to people.
func (o *Order) Name() string { return o.State.Name }

// Email is the customer's.
func (o *Order) Email() *string { return optional(o.State.Email) }

// Phone is the customer's.
func (o *Order) Phone() *string { return optional(o.State.Phone) }

// Note is what was noted.
func (o *Order) Note() *string { return optional(o.State.Note) }

// Tags are words to find it by, in alphabetical order, as in Shopify's API.
func (o *Order) Tags() []string {
	tags := append([]string{}, o.State.Tags...)
	slices.SortFunc(tags, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return tags
}

// CustomAttributes are what order systems attached.
func (o *Order) CustomAttributes() []*Attribute { return attributes(o.State.CustomAttributes) }

// SourceIdentifier is the order's name in the system that it came from.
func (o *Order) SourceIdentifier() *string { return optional(o.State.SourceIdentifier) }

// Customer is null: Packhorse keeps no customers.
func (*Order) Customer() *Customer { return nil }

// BillingAddress is null: Packhorse keeps none.
func (*Order) BillingAddress() *MailingAddress { return nil }

// ShippingAddress is where it goes.
func (o *Order) ShippingAddress() *MailingAddress {
	if o.State.ShippingAddress == nil {
		return nil
	}
	return &MailingAddress{o.State.ID, o.State.ShippingAddress}
}

// ShippingLine is null: Packhorse knows no shipping options.
func (*Order) ShippingLine() *ShippingLine { return nil }

// ShippingLines is empty: Packhorse knows no shipping options.
func (*Order) ShippingLines(
	includeRemovals *bool, first *int, after *string, last *int, before *string, reverse *bool,
) *ShippingLineConnection {
	return &ShippingLineConnection{Edges: []*ShippingLineEdge{}, Nodes: []*ShippingLine{}, PageInfo: &PageInfo{}}
}

// DiscountCode is null: Packhorse knows no discounts.
func (*Order) DiscountCode() *string { return nil }

// DiscountCodes is empty: Packhorse knows no discounts.
func (*Order) DiscountCodes() []string { return []string{} }

// Test tells whether it is only a test.
func (o *Order) Test() bool { return o.State.Test }

// Confirmed is true: orders come here when they stand.
func (*Order) Confirmed() bool { return true }

// CreatedAt is when it was handed over.
func (o *Order) CreatedAt() time.Time { return o.State.CreatedAt }

// ProcessedAt is when it was placed.
func (o *Order) ProcessedAt() time.Time { return processedAt(o.State) }

func processedAt(order *fulfillment.OrderRecord) time.Time {
	if order.ProcessedAt != nil {
		return *order.ProcessedAt
	}
	return order.CreatedAt
}

// UpdatedAt is when it last changed.
func (o *Order) UpdatedAt() time.Time { return o.State.UpdatedAt }

// CancelledAt is when it was cancelled.
func (o *Order) CancelledAt() *time.Time { return o.State.CancelledAt }

// CancelReason is why it was cancelled; OTHER for a reason in other words.
func (o *Order) CancelReason() *OrderCancelReason {
	if o.State.CancelledAt == nil {
		return nil
	}
	if r := OrderCancelReason(o.State.CancelReason); r.IsValid() {
		return &r
	}
	return new(OrderCancelReasonOther)
}

// MerchantEditable tells whether it can be edited.
func (o *Order) MerchantEditable() bool { return o.State.CancelledAt == nil }

// DisplayFulfillmentStatus is where fulfillment stands.
func (o *Order) DisplayFulfillmentStatus() fulfillment.OrderDisplayStatus {
	return o.State.DisplayFulfillmentStatus
}

// Fulfillable tells whether units are left that can be shipped.
func (o *Order) Fulfillable() bool {
	return slices.ContainsFunc(o.State.Lines, func(l fulfillment.OrderLine) bool { return l.Fulfillable > 0 })
}

// RequiresShipping tells whether anything in it has to be shipped.
func (o *Order) RequiresShipping() bool {
	return slices.ContainsFunc(o.State.LineItems, fulfillment.LineItem.Ships)
}

// Closed tells whether it is shipped whole, cancelled or put away, and was not opened since.
func (o *Order) Closed() bool { return o.State.ClosedAt != nil }

// ClosedAt is since when it is closed.
func (o *Order) ClosedAt() *time.Time { return o.State.ClosedAt }

// LineItems are the lines, in their order.
func (o *Order) LineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*LineItemConnection, error) {
	s, err := segment(
		Paging{first, after, last, before, reverse}, lineItems(o.State),
		func(l *LineItem) fulfillment.ID { return l.line().ID },
	)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *LineItem) *LineItemEdge { return &LineItemEdge{Cursor: cursor, Node: node} },
		func(edges []*LineItemEdge, nodes []*LineItem, page *PageInfo) *LineItemConnection {
			return &LineItemConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}
