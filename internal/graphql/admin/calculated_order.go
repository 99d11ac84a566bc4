package admin

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// CalculatedOrder is an order with the changes of an edit that is not committed.
type CalculatedOrder struct {
	session  fulfillment.EditSession
	order    *fulfillment.OrderRecord
	currency string
	free     map[fulfillment.ID]int // units that can be taken out of the order, by line
}

// NewCalculatedOrder reads the order that the session is about.
func NewCalculatedOrder(ctx context.Context, session fulfillment.EditSession) (*CalculatedOrder, error) {
	order, err := read(ctx).orders.load(ctx, session.OrderID)
	if err == nil && order == nil {
		err = fmt.Errorf("read order %d: it is not in the store", session.OrderID)
	}
	if err != nil {
		return nil, err
	}
	fos, err := read(ctx).ofOrder.load(ctx, session.OrderID)
	if err != nil {
		return nil, err
	}
	return &CalculatedOrder{session, order, currencyOf(ctx, order), fulfillment.CancellableUnits(fos)}, nil
}

// IsNode says that it has a global ID.
func (*CalculatedOrder) IsNode() {}

// ID is its global ID: the number is the edit's.
func (c *CalculatedOrder) ID() GID { return GID{TypeCalculatedOrder, c.session.ID} }

// Committed tells whether the edit was committed.
func (c *CalculatedOrder) Committed() bool { return c.session.CommittedAt != nil }

// OriginalOrder is the order as it is.
func (c *CalculatedOrder) OriginalOrder() *Order { return &Order{c.order} }

// SubtotalLineItemsQuantity is the units of all lines, as they will be.
func (c *CalculatedOrder) SubtotalLineItemsQuantity() int {
	units := 0
	for _, l := range c.Lines() {
		units += l.Quantity
	}
	return units
}

// LineItems are all lines, as they will be.
func (c *CalculatedOrder) LineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*CalculatedLineItemConnection, error) {
	return calculatedConnection(Paging{first, after, last, before, reverse}, c.Lines())
}

// AddedLineItems are the lines that the edit adds.
func (c *CalculatedOrder) AddedLineItems(
	first *int, after *string, last *int, before *string, reverse *bool,
) (*CalculatedLineItemConnection, error) {
	return calculatedConnection(Paging{first, after, last, before, reverse}, c.added())
}

// Lines are all lines, as they will be: those of the order, then the added ones.
func (c *CalculatedOrder) Lines() []*CalculatedLineItem {
	var lines []*CalculatedLineItem
	for _, l := range lineItems(c.order) {
		units := l.units()
		quantity := units.Current
		for _, set := range c.session.Changes.SetQuantities {
			if set.ID == l.line().ID {
				quantity = set.Quantity
			}
		}
		free := c.free[l.line().ID]
		lines = append(lines, c.line(l.line(), quantity, max(0, quantity-units.Current+free), free))
	}
	return append(lines, c.added()...)
}

// Line is one of the Lines; nil when the ID is none of them.
func (c *CalculatedOrder) Line(id fulfillment.ID) *CalculatedLineItem {
	for _, l := range c.Lines() {
		if l.ID.ID == id {
			return l
		}
	}
	return nil
}

func (c *CalculatedOrder) added() []*CalculatedLineItem {
	var lines []*CalculatedLineItem
	for i := range c.session.Changes.Add {
		l := &c.session.Changes.Add[i]
		lines = append(lines, c.line(l, l.Quantity, l.Quantity, 0))
	}
	return lines
}

func (c *CalculatedOrder) line(l *fulfillment.LineItem, quantity, editable, editableBefore int) *CalculatedLineItem {
	return &CalculatedLineItem{
		ID: GID{TypeCalculatedLineItem, l.ID}, Title: l.Title, Sku: optional(l.SKU), Variant: variantOf(l),
		VariantTitle: optional(l.VariantTitle), Quantity: quantity, EditableQuantity: editable,
		EditableQuantityBeforeChanges: editableBefore, OriginalUnitPriceSet: money(l.UnitPrice, c.currency),
	}
}

// CalculatedLineItem is a line of an order that is being edited. Packhorse counts no stock, so nothing goes back to it.
type CalculatedLineItem struct {
	ID                            GID
	Title                         string
	Sku                           *string
	Variant                       *ProductVariant
	VariantTitle                  *string
	Quantity                      int
	EditableQuantity              int
	EditableQuantityBeforeChanges int
	OriginalUnitPriceSet          *MoneyBag
	Restockable                   bool
	Restocking                    bool
}

func calculatedConnection(p Paging, lines []*CalculatedLineItem) (*CalculatedLineItemConnection, error) {
	s, err := segment(p, lines, func(l *CalculatedLineItem) fulfillment.ID { return l.ID.ID })
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *CalculatedLineItem) *CalculatedLineItemEdge {
			return &CalculatedLineItemEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*CalculatedLineItemEdge, nodes []*CalculatedLineItem, page *PageInfo,
		) *CalculatedLineItemConnection {
			return &CalculatedLineItemConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}
