package fulfillment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOrderTopics(t *testing.T) {
	t.Parallel()
	statuses := func(s OrderDisplayStatus) OrderStatuses { return OrderStatuses{Display: s} }
	for name, test := range map[string]struct {
		kind   OrderKind
		before OrderDisplayStatus // empty: none
		after  OrderDisplayStatus
		want   []string
	}{
		"created": {OrderKindCreated, "", OrderUnfulfilled, []string{"orders/create"}},
		"edited": {
			OrderKindEdited, OrderUnfulfilled, OrderUnfulfilled, []string{"orders/edited", "orders/updated"},
		},
		"cancelled": {
			OrderKindCancelled, OrderInProgress, OrderUnfulfilled, []string{"orders/cancelled", "orders/updated"},
		},
		"held": {
			OrderKindStatusChanged, OrderUnfulfilled, OrderOnHold, []string{"orders/updated"},
		},
		"shipped_in_part": {
			OrderKindStatusChanged, OrderInProgress, OrderPartiallyFulfilled,
			[]string{"orders/updated", "orders/partially_fulfilled"},
		},
		"shipped": {
			OrderKindStatusChanged, OrderPartiallyFulfilled, OrderFulfilled,
			[]string{"orders/updated", "orders/fulfilled"},
		},
		"shipped_at_once": {
			OrderKindStatusChanged, OrderUnfulfilled, OrderFulfilled, []string{"orders/updated", "orders/fulfilled"},
		},
		"delivered_changes_no_more": {
			OrderKindStatusChanged, OrderFulfilled, OrderFulfilled, []string{"orders/updated"},
		},
		"line_added_to_a_whole_one": {
			OrderKindEdited, OrderFulfilled, OrderPartiallyFulfilled,
			[]string{"orders/edited", "orders/updated", "orders/partially_fulfilled"},
		},
		"what_was_left_is_taken_out": {
			OrderKindEdited, OrderPartiallyFulfilled, OrderFulfilled,
			[]string{"orders/edited", "orders/updated", "orders/fulfilled"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := OrderTransition{Kind: test.kind, After: statuses(test.after)}
			step.Details = (&OrderChange{Kind: test.kind}).detailsAmong(nil)
			if test.before != "" {
				step.Before = new(statuses(test.before))
			}
			if diff := cmp.Diff(test.want, step.Topics()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOrderPaid: that an order is paid is told when it becomes so: as it is made, or by an edit that makes it cheaper.
func TestOrderPaid(t *testing.T) {
	t.Parallel()
	for kind, want := range map[OrderKind][]string{
		OrderKindCreated: {"orders/create", "orders/paid"},
		OrderKindEdited:  {"orders/edited", "orders/updated", "orders/paid"},
	} {
		step, _ := OrderState{ID: 1}.Decide(&OrderChange{Kind: kind, Paid: true}, nil, nil)
		if diff := cmp.Diff(want, step.Topics()); diff != "" {
			t.Error(diff)
		}
		unpaid, _ := OrderState{ID: 1}.Decide(&OrderChange{Kind: kind}, nil, nil)
		if diff := cmp.Diff(want[:len(want)-1], unpaid.Topics()); diff != "" {
			t.Error(diff)
		}
	}
	// What was written before there was such a topic raises what it raised then.
	before := OrderTransition{Kind: OrderKindEdited, Before: &OrderStatuses{}, Details: &OrderDetails{}}
	if diff := cmp.Diff([]string{"orders/edited"}, before.Topics()); diff != "" {
		t.Error(diff)
	}
}

// TestOrderShipped: an order's transition says up to where its shipments are told of with it.
func TestOrderShipped(t *testing.T) {
	t.Parallel()
	untouched := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	shipped := done(t, but(untouched, func(fo *FulfillmentOrder) { fo.ID = 9 }), &CreateFulfillment{}).State
	part := shipped.Clone()
	part.ID, part.Fulfillments[0].HomeID = 8, 9
	details := &OrderDetails{Update: 1}
	step, _ := OrderState{ID: 1}.Decide(
		&OrderChange{Kind: OrderKindUpdated, Details: details}, nil, []*FulfillmentOrder{shipped, untouched, part},
	)
	want := &OrderDetails{Update: 1, Shipped: []Reached{{9, shipped.Sequence}}}
	if diff := cmp.Diff(want, step.Details); diff != "" {
		t.Error(diff)
	}
	if details.Shipped != nil {
		t.Error("the caller's details were changed")
	}
}

func servicesAmong(all []*FulfillmentOrder) []ServiceLines {
	if d := (&OrderChange{}).detailsAmong(all); d != nil {
		return d.Services
	}
	return nil
}

// TestOrderServices: an order's transition says which service has which of its lines, in as few words as it can.
func TestOrderServices(t *testing.T) {
	t.Parallel()
	at := func(id ID, l AssignedLocation, lines ...ID) *FulfillmentOrder {
		fo := &FulfillmentOrder{ID: id, AssignedLocation: l}
		for _, line := range lines {
			fo.Lines = append(fo.Lines, Line{LineItemID: line, Total: 1})
		}
		return fo
	}
	emptied := at(1, peopleService, 21)
	emptied.Lines[0].Total = 0
	service := peopleService.ServiceID
	for name, test := range map[string]struct {
		all  []*FulfillmentOrder
		want []ServiceLines
	}{
		"the_merchant":       {[]*FulfillmentOrder{at(1, ownLocation, 21)}, nil},
		"one_service":        {[]*FulfillmentOrder{at(2, peopleService, 22), at(1, peopleService, 21)}, []ServiceLines{{service, nil}}},
		"both":               {[]*FulfillmentOrder{at(1, ownLocation, 21), at(2, peopleService, 22)}, []ServiceLines{{service, []ID{22}}}},
		"the_first_has_it":   {[]*FulfillmentOrder{at(2, peopleService, 21), at(1, ownLocation, 21)}, nil},
		"but_not_if_it_left": {[]*FulfillmentOrder{at(2, ownLocation, 21), emptied}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, servicesAmong(test.all)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOrderDecide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	shipped := done(t, fo, &CreateFulfillment{})
	held := done(t, fo, &PlaceHold{Reason: HoldOther})
	was := ViewOrder(false, []*FulfillmentOrder{fo}).Statuses()
	order := OrderState{ID: 1, Version: 4, Statuses: was}
	cancel := &OrderChange{Kind: OrderKindCancelled, CommandID: "c", At: now, Reason: "gone"}

	t.Run("stays_as_it_is", func(t *testing.T) {
		t.Parallel()
		if step, repeated := order.Decide(nil, nil, []*FulfillmentOrder{fo}); step != nil || repeated {
			t.Errorf("%+v, repeated %v", step, repeated)
		}
	})
	t.Run("a_status_follows_from_the_latest_transition", func(t *testing.T) {
		t.Parallel()
		step, _ := order.Decide(nil, held.Transitions, []*FulfillmentOrder{held.State})
		cause := held.Transitions[len(held.Transitions)-1]
		want := &OrderTransition{OrderID: 1, Sequence: 5, Kind: OrderKindStatusChanged, Actor: cause.Actor,
			At:     cause.At,
			Reason: cause.Reason, Before: &was, After: OrderStatuses{OrderOnHold, OrderStatusNotFulfilled},
			Details: &OrderDetails{FulfillmentOrderID: fo.ID, Sequence: cause.Sequence}}
		if diff := cmp.Diff(want, step); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a_change_is_told_even_if_no_status_is_another", func(t *testing.T) {
		t.Parallel()
		step, _ := order.Decide(cancel, nil, []*FulfillmentOrder{fo})
		if step == nil || step.Kind != OrderKindCancelled || step.CommandID != "c" || step.Sequence != 5 ||
			step.Reason != "gone" {
			t.Errorf("%+v", step)
		}
	})
	t.Run("a_first_transition_has_nothing_before_it", func(t *testing.T) {
		t.Parallel()
		step, _ := OrderState{ID: 1}.Decide(&OrderChange{Kind: OrderKindCreated, At: now}, nil, []*FulfillmentOrder{fo})
		if step.Before != nil || step.Sequence != 1 || step.After != was {
			t.Errorf("%+v", step)
		}
	})
	t.Run("cancelled_twice_happens_once", func(t *testing.T) {
		t.Parallel()
		cancelled := order
		cancelled.Cancelled = true
		if step, repeated := cancelled.Decide(cancel, nil, []*FulfillmentOrder{fo}); step != nil || !repeated {
			t.Errorf("%+v, repeated %v", step, repeated)
		}
		if step, repeated := cancelled.Decide(
			nil, shipped.Transitions, []*FulfillmentOrder{shipped.State},
		); step == nil || repeated {
			t.Errorf("a shipment after it: %+v, repeated %v", step, repeated)
		}
	})
}
