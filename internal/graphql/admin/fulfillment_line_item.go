package admin

import (
	"context"

	"packhorse/internal/fulfillment"
)

// FulfillmentLineItem is the units of one order line in a shipment.
type FulfillmentLineItem struct {
	orderID fulfillment.ID
	line    fulfillment.FulfillmentLine
}

func shipmentLineConnection(p Paging, lines []*FulfillmentLineItem) (*FulfillmentLineItemConnection, error) {
	s, err := segment(p, lines, func(l *FulfillmentLineItem) fulfillment.ID { return l.line.ID })
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *FulfillmentLineItem) *FulfillmentLineItemEdge {
			return &FulfillmentLineItemEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*FulfillmentLineItemEdge, nodes []*FulfillmentLineItem, page *PageInfo,
		) *FulfillmentLineItemConnection {
			return &FulfillmentLineItemConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// IsNode says that [Loaders.Node] finds it.
func (*FulfillmentLineItem) IsNode() {}

// ID is its global ID.
func (l *FulfillmentLineItem) ID() GID { return GID{TypeFulfillmentLineItem, l.line.ID} }

// Quantity is the units.
func (l *FulfillmentLineItem) Quantity() *int { return &l.line.Quantity }

// LineItem is the order line.
func (l *FulfillmentLineItem) LineItem(ctx context.Context) (*LineItem, error) {
	return lineItemOf(ctx, l.orderID, l.line.LineItemID)
}

// OriginalTotalSet is the price of the units.
func (l *FulfillmentLineItem) OriginalTotalSet(ctx context.Context) (*MoneyBag, error) {
	line, err := l.LineItem(ctx)
	if err != nil {
		return nil, err
	}
	return line.price(ctx, l.line.Quantity), nil
}

// DiscountedTotalSet is the price of the units: Packhorse knows no discounts.
func (l *FulfillmentLineItem) DiscountedTotalSet(ctx context.Context) (*MoneyBag, error) {
	return l.OriginalTotalSet(ctx)
}

// OriginalTotal is the amount of OriginalTotalSet.
func (l *FulfillmentLineItem) OriginalTotal(ctx context.Context) (string, error) {
	total, err := l.OriginalTotalSet(ctx)
	if err != nil {
		return "", err
	}
	return total.ShopMoney.Amount, nil
}

// DiscountedTotal is the amount of DiscountedTotalSet.
func (l *FulfillmentLineItem) DiscountedTotal(ctx context.Context) (string, error) {
	return l.OriginalTotal(ctx)
}
