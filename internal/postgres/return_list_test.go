package postgres

import (
	"fmt"
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// TestReturnsAreListedAsTheyWereMade walks through the list in pages of one, both ways, whole and narrowed.
func TestReturnsAreListedAsTheyWereMade(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var all []*returns.Return
	made := func(order *fulfillment.Order, line fulfillment.ID, cmd returns.Opening, in *returns.Opened) {
		key := fmt.Sprintf("return-%d", len(all))
		id := returns.IDFor(order.ID, key)
		in.OrderID = order.ID
		in.Lines = []returns.NewLine{{FulfillmentLineID: line, Quantity: 1, Reason: "STYLE"}}
		*cmd.Envelope() = fulfillment.Meta{CommandID: key, FirstID: id}
		d, err := b.CommandReturn(t.Context(), id, cmd, b.env().Now)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d.State)
	}
	var orders []*fulfillment.Order
	for range 2 {
		order, fos := b.create(merchant)
		shipped := b.do(fos[0], &fulfillment.CreateFulfillment{}).Fulfillments[0]
		for i := range 3 {
			if create, request := new(returns.Create), new(returns.Request); i == 1 {
				made(order, shipped.Lines[0].ID, request, &request.Opened)
			} else {
				made(order, shipped.Lines[0].ID, create, &create.Opened)
			}
		}
		orders = append(orders, order)
	}
	for _, filter := range []ReturnFilter{
		{},
		{OrderID: orders[1].ID},
		{Statuses: []returns.Status{returns.StatusRequested}},
		{OrderID: orders[0].ID, Statuses: []returns.Status{returns.StatusOpen, returns.StatusClosed}},
		{Statuses: []returns.Status{returns.StatusDeclined}},
	} {
		var want []fulfillment.ID
		for _, r := range all {
			if (filter.OrderID == 0 || r.OrderID == filter.OrderID) &&
				(len(filter.Statuses) == 0 || slices.Contains(filter.Statuses, r.Status)) {
				want = append(want, r.ID)
			}
		}
		for _, reverse := range []bool{false, true} {
			if reverse {
				slices.Reverse(want)
			}
			var got []fulfillment.ID
			for page := (Page{Limit: 1, Reverse: reverse}); ; {
				found, err := b.ReturnList(t.Context(), filter, page)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range found.Items {
					got = append(got, r.ID)
				}
				if page.After = found.Next; page.After == 0 {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v, reverse %v: %v, want %v", filter, reverse, got, want)
			}
		}
	}
}
