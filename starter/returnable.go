package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// shippedLine is a line of a shipment, with how much of it can come back.
type shippedLine struct {
	returns.ReturnableLine
	FulfillmentID   fulfillment.ID `json:"fulfillmentId"`
	FulfillmentName string         `json:"fulfillmentName"`
	SKU             string         `json:"sku,omitempty"`
	Title           string         `json:"title"`
}

// shippedLines are those of one order, in the order in which they were shipped.
type shippedLines struct {
	order *fulfillment.OrderRecord
	lines []shippedLine
}

// returnableOf reads what was shipped of an order, and how much of that can come back: without what returns have that
// are there, but for the one that a command of this ID made. So it means the same lines when it is sent again.
func returnableOf(
	ctx context.Context, b book, order *fulfillment.OrderRecord, commandID string,
) (*shippedLines, error) {
	fos, err := b.FulfillmentOrdersOf(ctx, order.ID)
	if err != nil {
		return nil, err
	}
	of, err := b.OrderReturns(ctx, []fulfillment.ID{order.ID})
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(slices.Clone(of[order.ID]), func(r *returns.Return) bool {
		return commandID != "" && r.ID == returns.IDFor(order.ID, commandID)
	})
	var shipments []fulfillment.Fulfillment
	for _, fo := range inOrderOfMaking(fos) {
		shipments = append(shipments, fo.Fulfillments...)
	}
	left := map[fulfillment.ID]int{}
	for _, f := range returns.Returnable(shipments, others) {
		for _, l := range f.Lines {
			left[l.ID] = l.Left
		}
	}
	items := map[fulfillment.ID]fulfillment.LineItem{}
	for _, l := range order.LineItems {
		items[l.ID] = l
	}
	slices.SortStableFunc(shipments, func(x, y fulfillment.Fulfillment) int { return x.Created().Compare(y.Created()) })
	all := &shippedLines{order: order}
	for i := range shipments {
		f := &shipments[i]
		if f.Status != fulfillment.FulfillmentSuccess {
			continue
		}
		for _, l := range f.Lines {
			item := items[l.LineItemID]
			all.lines = append(all.lines, shippedLine{
				ReturnableLine: returns.ReturnableLine{FulfillmentLine: l, Left: left[l.ID]},
				FulfillmentID:  f.ID, FulfillmentName: f.Name, SKU: item.SKU, Title: item.Title,
			})
		}
	}
	return all, nil
}

// take finds units by the ID of a line of a shipment, or by the SKU or ID of an order's line, which may have been
// shipped in several parcels: then they are taken of one after the other. What is more than there is stays with the
// last one, for the domain to refuse.
func (s *shippedLines) take(u units) ([]returns.NewLine, error) {
	id, err := fulfillment.ParseID(gid(u.line, "FulfillmentLineItem"))
	var found []*shippedLine
	for i := range s.lines {
		l := &s.lines[i]
		if err == nil && l.ID == id {
			found = []*shippedLine{l}
			break
		}
		if l.SKU != "" && strings.EqualFold(l.SKU, u.line) || gid(u.line, "LineItem") == l.LineItemID.String() {
			found = append(found, l)
		}
	}
	switch {
	case len(found) == 0 && err == nil: // The domain says that there is none.
		return []returns.NewLine{{FulfillmentLineID: id, Quantity: u.n}}, nil
	case len(found) == 0:
		return nil, &returnError{"packhorse return returnable " + shellWord(s.order.Name), &fulfillment.Error{
			Code:    returns.CodeNotFound,
			Message: fmt.Sprintf("No shipment of order %s has a line %q.", s.order.Name, u.line),
		}}
	}
	var lines []returns.NewLine
	n := u.n
	for _, l := range found {
		if part := min(n, l.Left); part > 0 {
			lines = append(lines, returns.NewLine{FulfillmentLineID: l.ID, Quantity: part})
			l.Left -= part
			n -= part
		}
	}
	switch {
	case len(lines) == 0:
		lines = []returns.NewLine{{FulfillmentLineID: found[0].ID, Quantity: u.n}}
	case n > 0:
		lines[len(lines)-1].Quantity += n
	}
	return lines, nil
}

func (a *app) newReturnable() *cobra.Command {
	c := &cobra.Command{
		Use: "returnable ORDER", Short: "Show what of an order can come back", Args: oneArgument("order", nil),
		ValidArgsFunction: completesOnce(a.shippedOrders()),
		Long: `Shows the lines of the order's shipments and how many units of each can come back: those that were
shipped, without the units of returns that are REQUESTED, OPEN or CLOSED.`,
		Example: `  packhorse return returnable '#1001'`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		order, err := findOrder(ctx, b, args[0])
		if err != nil {
			return err
		}
		all, err := returnableOf(ctx, b, order, "")
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, list[shippedLine]{Items: append([]shippedLine{}, all.lines...)})
		}
		t := a.newTable("LINE", "FULFILLMENT", "SKU", "TITLE", "SHIPPED", "RETURNABLE")
		for _, l := range all.lines {
			t.row(l.ID.String(), l.FulfillmentName, l.SKU, l.Title, number(l.Quantity), number(l.Left))
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(all.lines), "shipments", "")
		return nil
	}
	return c
}
