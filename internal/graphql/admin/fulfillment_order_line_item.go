package admin

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// FulfillmentOrderLineItem is what a fulfillment order owns of one order line.
type FulfillmentOrderLineItem struct {
	owner *fulfillment.FulfillmentOrder
	line  *fulfillment.Line
}

func (l *FulfillmentOrderLineItem) id() fulfillment.ID { return l.line.ID }

func lineConnection(p Paging, lines []*FulfillmentOrderLineItem) (*FulfillmentOrderLineItemConnection, error) {
	s, err := segment(p, lines, (*FulfillmentOrderLineItem).id)
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *FulfillmentOrderLineItem) *FulfillmentOrderLineItemEdge {
			return &FulfillmentOrderLineItemEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*FulfillmentOrderLineItemEdge, nodes []*FulfillmentOrderLineItem, page *PageInfo,
		) *FulfillmentOrderLineItemConnection {
			return &FulfillmentOrderLineItemConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// IsNode says that [Loaders.Node] finds it.
func (*FulfillmentOrderLineItem) IsNode() {}

// ID is its global ID.
func (l *FulfillmentOrderLineItem) ID() GID { return GID{TypeFulfillmentOrderLineItem, l.line.ID} }

// LineItem is the order line behind it. Who may see what is to be shipped may see it, without its order.
func (l *FulfillmentOrderLineItem) LineItem(ctx context.Context) (*LineItem, error) {
	return lineItemOf(ctx, l.owner.OrderID, l.line.LineItemID)
}

// lineItemOf is a line of an order, both of which must be there.
func lineItemOf(ctx context.Context, orderID, id fulfillment.ID) (*LineItem, error) {
	order, err := read(ctx).orders.load(ctx, orderID)
	if err != nil {
		return nil, err
	}
	if order != nil {
		for i := range order.LineItems {
			if order.LineItems[i].ID == id {
				return &LineItem{order, i}, nil
			}
		}
	}
	return nil, fmt.Errorf("read line %d of order %d: it is not in the store", id, orderID)
}

// ProductTitle is the line's title.
func (l *FulfillmentOrderLineItem) ProductTitle() string { return l.line.Title }

// Sku is the stock keeping unit.
func (l *FulfillmentOrderLineItem) Sku() *string { return optional(l.line.SKU) }

// RequiresShipping tells whether it has to be shipped.
func (l *FulfillmentOrderLineItem) RequiresShipping() bool { return l.line.RequiresShipping }

// TotalQuantity is the units that the fulfillment order is responsible for.
func (l *FulfillmentOrderLineItem) TotalQuantity() int { return l.line.Total }

// RemainingQuantity is the units that are not shipped yet.
func (l *FulfillmentOrderLineItem) RemainingQuantity() int { return l.line.Remaining }

// Warnings are what a service said about the line when it rejected the request.
func (l *FulfillmentOrderLineItem) Warnings() []*FulfillmentOrderLineItemWarning {
	warnings := make([]*FulfillmentOrderLineItemWarning, len(l.line.Warnings))
	for i, w := range l.line.Warnings {
		warnings[i] = &FulfillmentOrderLineItemWarning{Title: optional(w.Title), Description: optional(w.Description)}
	}
	return warnings
}

// Image is null: Packhorse knows no pictures.
func (*FulfillmentOrderLineItem) Image() *Image { return nil }

// InventoryItemID is null: Packhorse counts no stock.
func (*FulfillmentOrderLineItem) InventoryItemID() *GID { return nil }

// ShippingLine is null: Packhorse knows no shipping options.
func (*FulfillmentOrderLineItem) ShippingLine() *ShippingLine { return nil }

// Weight is that of one unit, as the order says it.
func (l *FulfillmentOrderLineItem) Weight(ctx context.Context) (*fulfillment.Weight, error) {
	line, err := l.LineItem(ctx)
	if err != nil {
		return nil, err
	}
	return line.Weight(), nil
}

// Variant is what the order said of the variant.
func (l *FulfillmentOrderLineItem) Variant(ctx context.Context) (*ProductVariant, error) {
	line, err := l.LineItem(ctx)
	if err != nil {
		return nil, err
	}
	return line.Variant(), nil
}

// VariantTitle is the order line's.
func (l *FulfillmentOrderLineItem) VariantTitle(ctx context.Context) (*string, error) {
	line, err := l.LineItem(ctx)
	if err != nil {
		return nil, err
	}
	return line.VariantTitle(), nil
}

// Vendor is the order line's.
func (l *FulfillmentOrderLineItem) Vendor(ctx context.Context) (*string, error) {
	line, err := l.LineItem(ctx)
	if err != nil {
		return nil, err
	}
	return line.Vendor(), nil
}

// OriginalUnitPriceSet is the order line's.
func (l *FulfillmentOrderLineItem) OriginalUnitPriceSet(ctx context.Context) (*MoneyBag, error) {
	line, err := l.LineItem(ctx)
	if err != nil {
		return nil, err
	}
	return line.OriginalUnitPriceSet(ctx), nil
}

// FinancialSummaries is one price for all units: Packhorse knows no discounts.
func (l *FulfillmentOrderLineItem) FinancialSummaries(ctx context.Context) (
	[]*FulfillmentOrderLineItemFinancialSummary, error,
) {
	price, err := l.OriginalUnitPriceSet(ctx)
	if err != nil {
		return nil, err
	}
	return []*FulfillmentOrderLineItemFinancialSummary{{
		ApproximateDiscountedUnitPriceSet: price, OriginalUnitPriceSet: price, Quantity: l.line.Total,
		DiscountAllocations: []*FinancialSummaryDiscountAllocation{},
	}}, nil
}
