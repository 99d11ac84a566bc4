package admin

import (
	"context"
	"slices"
	"strconv"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// ReturnLineItemType is units of one line that come back. All are of lines of shipments.
type ReturnLineItemType interface {
	Node
	IsReturnLineItemType()
}

// ReturnLineItem is units of one line of a shipment that come back.
type ReturnLineItem struct {
	of   *returns.Return
	line *returns.Line
}

// IsNode says that [Loaders.Node] finds it.
func (*ReturnLineItem) IsNode() {}

// IsReturnLineItemType says that it is a line of a return.
func (*ReturnLineItem) IsReturnLineItemType() {}

// ID is its global ID.
func (l *ReturnLineItem) ID() GID { return GID{TypeReturnLineItem, l.line.ID} }

// Quantity is the units.
func (l *ReturnLineItem) Quantity() int { return l.line.Quantity }

// ProcessedQuantity is how many of them are done with.
func (l *ReturnLineItem) ProcessedQuantity() int { return l.line.Processed }

// UnprocessedQuantity is how many of them are still to be processed.
func (l *ReturnLineItem) UnprocessedQuantity() int { return l.line.Unprocessed() }

// ProcessableQuantity is how many of them can be processed now.
func (l *ReturnLineItem) ProcessableQuantity() int { return l.line.Processable(l.of.Status) }

// RefundableQuantity is how many of them could be refunded now.
func (l *ReturnLineItem) RefundableQuantity() int { return l.line.Refundable(l.of.Status) }

// RefundedQuantity is nothing: Packhorse refunds nothing.
func (*ReturnLineItem) RefundedQuantity() int { return 0 }

// ReceivedQuantity is how many of them were scanned as they came in.
func (l *ReturnLineItem) ReceivedQuantity() int { return l.line.Received }

// ReturnReason is why they come back, in a word.
func (l *ReturnLineItem) ReturnReason() returns.Reason { return l.line.Reason }

// ReturnReasonDefinition is why they come back.
func (l *ReturnLineItem) ReturnReasonDefinition() *ReturnReasonDefinition {
	definition, known := returns.DefinitionOf(l.line.DefinitionID)
	if !known {
		return nil
	}
	return &ReturnReasonDefinition{definition}
}

// ReturnReasonNote is what was written about it.
func (l *ReturnLineItem) ReturnReasonNote() string { return l.line.ReasonNote }

// CustomerNote is what the customer wrote.
func (l *ReturnLineItem) CustomerNote() *string { return optional(l.line.CustomerNote) }

// FulfillmentLineItem is the line of the shipment.
func (l *ReturnLineItem) FulfillmentLineItem(ctx context.Context) (*FulfillmentLineItem, error) {
	return shippedLine(ctx, l.of.OrderID, l.line.FulfillmentLineID)
}

// WithCodeDiscountedTotalPriceSet is the price of the units: Packhorse knows no discounts.
func (l *ReturnLineItem) WithCodeDiscountedTotalPriceSet(ctx context.Context) (*MoneyBag, error) {
	line, err := lineItemOf(ctx, l.of.OrderID, l.line.LineItemID)
	if err != nil {
		return nil, err
	}
	return line.price(ctx, l.line.Quantity), nil
}

// RestockingFee is what is kept of the price; nil: nothing.
func (l *ReturnLineItem) RestockingFee(ctx context.Context) (*RestockingFee, error) {
	if l.line.RestockingFee == "" {
		return nil, nil
	}
	order, err := orderOf(ctx, l.of.OrderID)
	if err != nil {
		return nil, err
	}
	all, err := read(ctx).returnsOf.load(ctx, l.of.OrderID)
	if err != nil {
		return nil, err
	}
	amount := ""
	amounts := l.of.Amounts(returns.Facts{Order: &order.State.Order, Returns: all}).Lines
	at := slices.IndexFunc(l.of.Lines, func(of returns.Line) bool { return of.ID == l.line.ID })
	if at >= 0 && at < len(amounts) {
		amount = amounts[at].RestockingFee
	}
	return &RestockingFee{
		ID:         GID{TypeRestockingFee, l.line.ID}.Text(Namespace(ctx)),
		Percentage: percentage(l.line.RestockingFee), AmountSet: order.money(ctx, amount),
	}, nil
}

// percentage is decimal text as a number.
func percentage(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64) // The domain has checked it.
	return n
}

// ExchangeLineItem is units that the customer gets for what comes back.
type ExchangeLineItem struct {
	of   *returns.Return
	line *returns.ExchangeLine
}

// IsNode says that [Loaders.Node] finds it.
func (*ExchangeLineItem) IsNode() {}

// ID is its global ID.
func (l *ExchangeLineItem) ID() GID { return GID{TypeExchangeLineItem, l.line.ID} }

// Title is what it is.
func (l *ExchangeLineItem) Title() string { return l.line.Title }

// Sku is the stock keeping unit.
func (l *ExchangeLineItem) Sku() *string { return optional(l.line.SKU) }

// VariantID is null: Packhorse has no catalogue.
func (*ExchangeLineItem) VariantID() *GID { return nil }

// Quantity is the units.
func (l *ExchangeLineItem) Quantity() int { return l.line.Quantity }

// ProcessedQuantity is of how many of them order lines were made.
func (l *ExchangeLineItem) ProcessedQuantity() int { return l.line.Processed }

// UnprocessedQuantity is how many of them are still to be processed.
func (l *ExchangeLineItem) UnprocessedQuantity() int { return l.line.Quantity - l.line.Processed }

// ProcessableQuantity is how many of them can be processed now.
func (l *ExchangeLineItem) ProcessableQuantity() int {
	if l.of.Status != returns.StatusOpen {
		return 0
	}
	return l.UnprocessedQuantity()
}

// LineItem is the order line that was made of it; nil: there is none yet.
func (l *ExchangeLineItem) LineItem(ctx context.Context) (*LineItem, error) {
	if l.line.LineItemID == 0 {
		return nil, nil
	}
	order, err := read(ctx).orders.load(ctx, l.of.OrderID)
	if order == nil {
		return nil, err
	}
	i := slices.IndexFunc(order.LineItems, func(of fulfillment.LineItem) bool { return of.ID == l.line.LineItemID })
	if i < 0 {
		return nil, nil
	}
	return &LineItem{order, i}, nil
}

// LineItems is LineItem as a list.
func (l *ExchangeLineItem) LineItems(ctx context.Context) ([]*LineItem, error) {
	line, err := l.LineItem(ctx)
	if line == nil {
		return []*LineItem{}, err
	}
	return []*LineItem{line}, nil
}
