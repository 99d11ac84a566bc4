package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
)

// fakeReturns is what comes back, decided as the workflow would.
type fakeReturns struct {
	all   []*returns.Return // in the order of making
	steps []returns.Transition
	fails error // of each command
}

func (b fakeBook) Return(_ context.Context, id fulfillment.ID) (*returns.Return, error) {
	for _, r := range b.returned.all {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, fmt.Errorf("read return: %w", fulfillment.ErrNotFound)
}

func (b fakeBook) OrderReturns(
	_ context.Context, orderIDs []fulfillment.ID,
) (map[fulfillment.ID][]*returns.Return, error) {
	of := map[fulfillment.ID][]*returns.Return{}
	for _, r := range b.returned.all {
		if slices.Contains(orderIDs, r.OrderID) {
			of[r.OrderID] = append(of[r.OrderID], r)
		}
	}
	return of, nil
}

func (b fakeBook) ReturnOf(_ context.Context, ids []fulfillment.ID) (map[fulfillment.ID]fulfillment.ID, error) {
	of := map[fulfillment.ID]fulfillment.ID{}
	for _, r := range b.returned.all {
		for i := range r.Work {
			for _, d := range r.Work[i].Deliveries {
				if slices.Contains(ids, d.ID) {
					of[d.ID] = r.ID
				}
			}
		}
	}
	return of, nil
}

func (b fakeBook) ReturnHistory(_ context.Context, id fulfillment.ID) ([]returns.Transition, error) {
	return slices.DeleteFunc(slices.Clone(b.returned.steps), func(t returns.Transition) bool {
		return t.ReturnID != id
	}), nil
}

func (b fakeBook) ReturnList(
	_ context.Context, filter postgres.ReturnFilter, page postgres.Page,
) (postgres.ReturnPage, error) {
	var found postgres.ReturnPage
	all := slices.Clone(b.returned.all)
	if page.Reverse {
		slices.Reverse(all)
	}
	for _, r := range all {
		if (filter.OrderID == 0 || r.OrderID == filter.OrderID) &&
			(len(filter.Statuses) == 0 || slices.Contains(filter.Statuses, r.Status)) {
			found.Items = append(found.Items, r)
		}
	}
	return found, nil
}

func (b fakeBook) BeginReturn(
	_ context.Context, orderID fulfillment.ID, cmd returns.Opening,
) (returns.Result, *returns.Return, error) {
	id := returns.IDFor(orderID, cmd.Envelope().CommandID)
	return b.decide(string(cmd.Verb())+" order "+orderID.String(), id, cmd)
}

func (b fakeBook) CommandReturn(
	_ context.Context, id fulfillment.ID, cmd returns.Command,
) (returns.Result, *returns.Return, error) {
	return b.decide(string(cmd.Verb())+" "+id.String(), id, cmd)
}

func (b fakeBook) decide(
	what string, id fulfillment.ID, cmd returns.Command,
) (returns.Result, *returns.Return, error) {
	if err := b.note(what, cmd); err != nil {
		return returns.Result{}, nil, err
	}
	if b.returned.fails != nil {
		return returns.Result{}, nil, b.returned.fails
	}
	at := slices.IndexFunc(b.returned.all, func(r *returns.Return) bool { return r.ID == id })
	var r *returns.Return
	first := id
	if at >= 0 {
		r = b.returned.all[at]
		first = fulfillment.ID(100_000 * (1 + r.Sequence))
	}
	facts := returns.Facts{Order: &b.orders[0].Order, Returns: b.returned.all}
	for _, fo := range b.fulfillmentOrders {
		facts.Shipments = append(facts.Shipments, fo.Fulfillments...)
	}
	for _, l := range b.locations {
		facts.Locations = append(facts.Locations, l.ID)
	}
	d, err := returns.Decide(r, cmd, returns.Env{Now: noon, IDs: fulfillment.NewIDs(first), Facts: facts})
	if err != nil {
		return returns.Result{}, nil, err
	}
	if at < 0 {
		b.returned.all = append(b.returned.all, d.State)
	} else {
		b.returned.all[at] = d.State
	}
	b.returned.steps = append(b.returned.steps, d.Transitions...)
	return d.Result, d.State, nil
}

// lanternsOut is an order of which three lanterns left in two shipments (lines 4715 and 4725), and three wicks (4726).
func lanternsOut() *fakeBackend {
	f := lantern()
	order := f.orders[0]
	order.CurrencyCode = "EUR"
	order.LineItems = append(order.LineItems, fulfillment.LineItem{ID: 12, Title: "Wick", SKU: "WICK", Quantity: 3})
	fo := f.fulfillmentOrders[0]
	fo.Fulfillments[0].LocationID = 7
	fo.Fulfillments = append(fo.Fulfillments, fulfillment.Fulfillment{
		ID: 4724, Name: "#1001-F2", Status: fulfillment.FulfillmentSuccess, LocationID: 7,
		CreatedAt: noon.Add(-time.Hour), Lines: []fulfillment.FulfillmentLine{
			{ID: 4725, FulfillmentOrderLineID: 4712, LineItemID: 11, Quantity: 2},
			{ID: 4726, FulfillmentOrderLineID: 4722, LineItemID: 12, Quantity: 3},
		},
	})
	return f
}
