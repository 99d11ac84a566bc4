package fulfillment_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

func TestAssignIDsSkipsIDsThatLinesHave(t *testing.T) {
	t.Parallel()
	o := validOrder()
	o.LineItems[0].ID, o.LineItems[1].ID, o.LineItems[2].ID = 0, 501, 0
	ids := fulfillment.NewIDs(500)
	o.AssignIDs(ids)
	var got []fulfillment.ID
	for _, l := range o.LineItems {
		got = append(got, l.ID)
	}
	if diff := cmp.Diff([]fulfillment.ID{500, 501, 502}, got); diff != "" {
		t.Error(diff)
	}
	if next := ids.Next(); next != 503 {
		t.Errorf("the next ID is %d, want 503", next)
	}
}

func TestNewFulfillmentOrders(t *testing.T) {
	t.Parallel()
	o := validOrder()
	o.CommandID, o.Actor, o.DeliveryTimeout = "c-1", fulfillment.Actor{
		Role: fulfillment.RoleMerchant, App: "shop",
	}, fulfillment.Duration(time.Hour)
	no := false
	o.LineItems[2].RequiresShipping = &no
	if err := o.Complete(orderTime); err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(o)
	by := orderTime.Add(48 * time.Hour)
	later := orderTime.Add(72 * time.Hour)
	west, east := fulfillment.AssignedLocation{
		LocationID: 7, Name: "West", Why: "first by priority",
	}, fulfillment.AssignedLocation{LocationID: 8, Name: "East", Why: "default"}
	fos, transitions, err := fulfillment.NewFulfillmentOrders(&o, []fulfillment.Assignment{
		{
			Location: west, DeliveryMethod: fulfillment.DeliveryShipping, FulfillBy: &by,
			Lines: []fulfillment.Quantity{{ID: 12, Quantity: 1}, {ID: 11, Quantity: 1}},
		},
		{Location: east, FulfillAt: &later, Lines: []fulfillment.Quantity{{ID: 11, Quantity: 1}}},
		{Location: east, Lines: []fulfillment.Quantity{{ID: 13, Quantity: 3}}},
	}, fulfillment.Env{Now: orderTime, IDs: fulfillment.NewIDs(900)})
	if err != nil {
		t.Fatal(err)
	}
	hour := time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	second := time.Date(2026, 3, 6, 9, 41, 7, 0, time.UTC)
	common := fulfillment.FulfillmentOrder{OrderID: 1001, OrderName: "#1001", Status: fulfillment.StatusOpen,
		RequestStatus:   fulfillment.RequestUnsubmitted,
		DeliveryTimeout: fulfillment.Duration(time.Hour), Sequence: 1, CreatedAt: orderTime, UpdatedAt: orderTime}
	first, preOrder, digital := common, common, common
	first.ID, first.AssignedLocation, first.DeliveryMethod, first.FulfillAt, first.FulfillBy = 900, west,
		fulfillment.DeliveryShipping, &hour, &second
	first.Lines = []fulfillment.Line{
		{ID: 901, LineItemID: 12, Title: "Tea", SKU: "TEA", RequiresShipping: true, Total: 1, Remaining: 1},
		{ID: 902, LineItemID: 11, Title: "Mug", SKU: "MUG", RequiresShipping: true, Total: 1, Remaining: 1}}
	preOrder.ID, preOrder.AssignedLocation, preOrder.DeliveryMethod, preOrder.FulfillAt, preOrder.Status = 903, east,
		fulfillment.DeliveryShipping, &later, fulfillment.StatusScheduled
	preOrder.Lines = []fulfillment.Line{
		{ID: 904, LineItemID: 11, Title: "Mug", SKU: "MUG", RequiresShipping: true, Total: 1, Remaining: 1},
	}
	digital.ID, digital.AssignedLocation, digital.DeliveryMethod, digital.FulfillAt = 905, east,
		fulfillment.DeliveryNone, &hour
	digital.Lines = []fulfillment.Line{{ID: 906, LineItemID: 13, Title: "Book", Total: 3, Remaining: 3}}
	if diff := cmp.Diff([]*fulfillment.FulfillmentOrder{&first, &preOrder, &digital}, fos); diff != "" {
		t.Error(diff)
	}
	want := fulfillment.Transition{FulfillmentOrderID: 900, Sequence: 1, Kind: fulfillment.KindCreated, Actor: o.Actor,
		At: orderTime, Reason: "first by priority",
		After: fulfillment.State{
			Status: fulfillment.StatusOpen, RequestStatus: fulfillment.RequestUnsubmitted, LocationID: 7, Total: 2,
			Remaining: 2,
		},
		Details: &fulfillment.Details{Lines: []fulfillment.Quantity{{ID: 901, Quantity: 1}, {ID: 902, Quantity: 1}}},
		Topics:  []string{"fulfillment_orders/order_routing_complete"}}
	if diff := cmp.Diff(want, transitions[0]); diff != "" {
		t.Error(diff)
	}
	if len(transitions) != 3 || transitions[1].FulfillmentOrderID != 903 || transitions[2].FulfillmentOrderID != 905 {
		t.Errorf("transitions %+v", transitions)
	}
	if after, _ := json.Marshal(o); string(after) != string(before) {
		t.Error("the order was changed")
	}
}

func TestNewFulfillmentOrdersNeedEveryUnitOnce(t *testing.T) {
	t.Parallel()
	all := []fulfillment.Quantity{{ID: 11, Quantity: 2}, {ID: 12, Quantity: 1}, {ID: 13, Quantity: 3}}
	for name, c := range map[string]struct {
		assigned [][]fulfillment.Quantity
		message  string
	}{
		"a line is left out": {
			[][]fulfillment.Quantity{all[:2]}, "lineItems[2]: 3 units are assigned to no location",
		},
		"a unit is left out": {
			[][]fulfillment.Quantity{all[1:], {{ID: 11, Quantity: 1}}},
			"lineItems[0]: 1 units are assigned to no location",
		},
		"a line is there twice": {
			[][]fulfillment.Quantity{all, all[1:2]},
			"assignments[1].lines[0]: 1 units of line 12, of which 0 are left to assign",
		},
		"unknown line": {
			[][]fulfillment.Quantity{{{ID: 99, Quantity: 1}}},
			"assignments[0].lines[0]: 1 units of line 99, of which 0 are left to assign",
		},
		"negative quantity": {
			[][]fulfillment.Quantity{{{ID: 11, Quantity: -1}}},
			"assignments[0].lines[0]: -1 units of line 11, of which 2 are left to assign",
		},
		"no lines":       {[][]fulfillment.Quantity{all, nil}, "assignments[1].lines: must not be empty"},
		"no assignments": {nil, "lineItems[0]: 2 units are assigned to no location"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := validOrder()
			var assignments []fulfillment.Assignment
			for _, lines := range c.assigned {
				assignments = append(assignments, fulfillment.Assignment{Lines: lines})
			}
			fos, transitions, err := fulfillment.NewFulfillmentOrders(
				&o, assignments, fulfillment.Env{Now: orderTime, IDs: fulfillment.NewIDs(1)},
			)
			if refused, ok := fulfillment.AsError(err); !ok || refused.Message != c.message || fos != nil ||
				transitions != nil {
				t.Errorf("got %v, %v, want %s", fos, err, c.message)
			}
		})
	}
	t.Run("lines need IDs", func(t *testing.T) {
		t.Parallel()
		o := validOrder()
		o.LineItems[1].ID = 0
		_, _, err := fulfillment.NewFulfillmentOrders(
			&o, nil, fulfillment.Env{Now: orderTime, IDs: fulfillment.NewIDs(1)},
		)
		if refused, ok := fulfillment.AsError(err); !ok ||
			refused.Message != "lineItems[1].id: every line needs an ID of its own (is 0)" {
			t.Errorf("got %v", err)
		}
	})
}

// The largest order must find room in the block of IDs that one minting hands out.
func TestLargestOrderFitsIntoAnIDBlock(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := fulfillment.Order{
			ID: 1,
			LineItems: make(
				[]fulfillment.LineItem, rapid.SampledFrom([]int{1, 2, fulfillment.MaxLines}).Draw(t, "lines"),
			),
		}
		for i := range o.LineItems {
			o.LineItems[i] = fulfillment.LineItem{Title: "x", Quantity: 1}
		}
		ids := fulfillment.NewIDs(1 << 40)
		o.AssignIDs(ids)
		var assignments []fulfillment.Assignment
		for _, l := range o.LineItems {
			q := fulfillment.Quantity{ID: l.ID, Quantity: 1}
			if len(assignments) == 0 || rapid.Bool().Draw(t, "apart") {
				assignments = append(assignments, fulfillment.Assignment{})
			}
			last := &assignments[len(assignments)-1]
			last.Lines = append(last.Lines, q)
		}
		fos, _, err := fulfillment.NewFulfillmentOrders(&o, assignments, fulfillment.Env{Now: orderTime, IDs: ids})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[fulfillment.ID]bool{}
		see := func(id fulfillment.ID) {
			if seen[id] || id < 1<<40 || id >= 1<<40+fulfillment.IDBlock {
				t.Fatalf("ID %d is taken twice or outside the block", id)
			}
			seen[id] = true
		}
		for _, l := range o.LineItems {
			see(l.ID)
		}
		for _, fo := range fos {
			see(fo.ID)
			for _, l := range fo.Lines {
				see(l.ID)
			}
		}
	})
}
