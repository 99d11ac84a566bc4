package admin

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// CalculateReturn computes what a return would come to; nil: there is no such order. What can't be returned is a
// [*fulfillment.Error].
func (l *Loaders) CalculateReturn(ctx context.Context, in returns.Calculate) (*CalculatedReturn, error) {
	r := l.reads()
	r.sawOrderID(in.OrderID)
	order, err := l.Order(ctx, in.OrderID)
	if order == nil {
		return nil, err
	}
	fos, err := r.ofOrder.load(ctx, in.OrderID)
	if err != nil {
		return nil, err
	}
	all, err := r.returnsOf.load(ctx, in.OrderID)
	if err != nil {
		return nil, err
	}
	c, err := in.Calculate(returns.Facts{
		Order: &order.State.Order, Shipments: returns.ShipmentsOf(fos), Returns: all,
	})
	if err != nil {
		return nil, err
	}
	asked, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	id := func(kind string, of string) string { // The same for the same question: nothing is kept.
		return "gid://" + Namespace(ctx) + "/" + kind + "/" + uuid.NewSHA1(uuid.Nil, append(asked, of...)).String()
	}
	calculated := &CalculatedReturn{ID: id("CalculatedReturn", ""), ReturnLineItems: []*CalculatedReturnLineItem{}}
	if fee := c.ShippingFee; fee != nil {
		calculated.ReturnShippingFee = &CalculatedReturnShippingFee{
			ID: id("CalculatedReturnShippingFee", "shipping"), AmountSet: order.money(ctx, fee.Amount),
		}
	}
	for i, line := range c.Lines {
		shown, err := shippedLine(ctx, in.OrderID, line.FulfillmentLineID)
		if err != nil {
			return nil, err
		}
		item := &CalculatedReturnLineItem{
			FulfillmentLineItem: shown, Quantity: line.Quantity,
			SubtotalSet:                     order.money(ctx, line.Subtotal),
			SubtotalBeforeOrderDiscountsSet: order.money(ctx, line.Subtotal),
			TotalTaxSet:                     order.money(ctx, line.Tax),
		}
		if line.Percentage != "" {
			item.RestockingFee = &CalculatedRestockingFee{
				ID:         id("CalculatedRestockingFee", fulfillment.ID(i).String()),
				Percentage: percentage(line.Percentage), AmountSet: order.money(ctx, line.RestockingFee),
			}
		}
		calculated.ReturnLineItems = append(calculated.ReturnLineItems, item)
	}
	return calculated, nil
}
