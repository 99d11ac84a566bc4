package fulfillment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestOrderAsOf goes back through all that can become of an order, one transition after the other.
func TestOrderAsOf(t *testing.T) {
	t.Parallel()
	at := func(n int) time.Time { return time.Date(2026, 3, 1, 8, n, 0, 0, time.UTC) }
	open := OrderStatuses{OrderUnfulfilled, OrderStatusNotFulfilled}
	shipped := OrderStatuses{OrderFulfilled, OrderStatusShipped}
	now := &OrderRecord{
		Order: Order{
			ID: 1, Email: "b@example.com", Tags: []string{"x"}, ShippingAddress: &Address{City: "Kiel"},
			LineItems: []LineItem{{ID: 11, Quantity: 5}, {ID: 12, Quantity: 1}, {ID: 13, Quantity: 2}},
		},
		DisplayFulfillmentStatus: OrderFulfilled, FulfillmentStatus: OrderStatusShipped, Updates: 2,
		CurrentQuantities: []Quantity{{11, 1}, {12, 1}, {13, 2}}, CancelledAt: new(at(7)), CancelReason: "CUSTOMER",
		ClosedAt: new(at(6)), Lines: []OrderLine{{LineItemID: 11}},
		Transitions: []OrderTransition{
			{Sequence: 1, Kind: OrderKindCreated, At: at(1), After: open},
			{
				Sequence: 2, Kind: OrderKindUpdated, At: at(2), Before: &open, After: open,
				Details:      &OrderDetails{Update: 1, Changed: []string{"shippingAddress", "email", "tags"}},
				ValuesBefore: &OrderFields{Email: new("a@example.com"), Tags: &[]string{}},
			},
			{
				Sequence: 3, Kind: OrderKindEdited, At: at(3), Before: &open, After: open,
				Details: &OrderDetails{
					Add: []LineItem{{ID: 13}}, SetQuantities: []Quantity{{11, 5}}, Quantities: []Quantity{{11, 2}},
				},
			},
			{
				Sequence: 4, Kind: OrderKindUpdated, At: at(4), Before: &open, After: open,
				Details:      &OrderDetails{Update: 2, Changed: []string{"shippingAddress"}},
				ValuesBefore: &OrderFields{ShippingAddress: &Address{City: "Bonn"}},
			},
			{
				Sequence: 5, Kind: OrderKindEdited, At: at(5), Before: &open, After: open,
				Details: &OrderDetails{SetQuantities: []Quantity{{11, 1}}, Quantities: []Quantity{{11, 5}}},
			},
			{Sequence: 6, Kind: OrderKindStatusChanged, At: at(6), Before: &open, After: shipped},
			{Sequence: 7, Kind: OrderKindCancelled, At: at(7), Before: &shipped, After: shipped, Reason: "CUSTOMER"},
		},
	}
	unchanged := *now
	type then struct {
		Email, City string
		Tags        int
		Ordered     []int
		Current     []int
		Status      OrderDisplayStatus
		Closed      bool
		Cancelled   string
		Updates     int
	}
	for sequence, want := range map[int64]then{
		0: {"a@example.com", "", 0, []int{2, 1}, []int{2, 1}, OrderUnfulfilled, false, "", 0},
		1: {"a@example.com", "", 0, []int{2, 1}, []int{2, 1}, OrderUnfulfilled, false, "", 0},
		2: {"b@example.com", "Bonn", 1, []int{2, 1}, []int{2, 1}, OrderUnfulfilled, false, "", 1},
		3: {"b@example.com", "Bonn", 1, []int{5, 1, 2}, []int{5, 1, 2}, OrderUnfulfilled, false, "", 1},
		4: {"b@example.com", "Kiel", 1, []int{5, 1, 2}, []int{5, 1, 2}, OrderUnfulfilled, false, "", 2},
		5: {"b@example.com", "Kiel", 1, []int{5, 1, 2}, []int{1, 1, 2}, OrderUnfulfilled, false, "", 2},
		6: {"b@example.com", "Kiel", 1, []int{5, 1, 2}, []int{1, 1, 2}, OrderFulfilled, true, "", 2},
		7: {"b@example.com", "Kiel", 1, []int{5, 1, 2}, []int{1, 1, 2}, OrderFulfilled, true, "CUSTOMER", 2},
	} {
		r := now.AsOf(sequence)
		got := then{
			Email: r.Email, Tags: len(r.Tags), Status: r.DisplayFulfillmentStatus, Closed: r.ClosedAt != nil,
			Cancelled: r.CancelReason, Updates: r.Updates,
		}
		if r.ShippingAddress != nil {
			got.City = r.ShippingAddress.City
		}
		for i := range r.LineItems {
			got.Ordered = append(got.Ordered, r.LineItems[i].Quantity)
			got.Current = append(got.Current, r.CurrentQuantities[i].Quantity)
		}
		if diff := cmp.Diff(want, got); diff != "" || (r.CancelledAt != nil) != (got.Cancelled != "") {
			t.Errorf("as of %d: %s", sequence, diff)
		}
		if latest := max(sequence, 1); !r.UpdatedAt.Equal(at(int(latest))) || len(r.Transitions) != int(latest) {
			t.Errorf("as of %d: updated at %s, %d transitions", sequence, r.UpdatedAt, len(r.Transitions))
		}
	}
	if diff := cmp.Diff(&unchanged, now); diff != "" {
		t.Errorf("the record was changed: %s", diff)
	}
	if got := now.SequenceAt(at(4).Add(time.Second)); got != 4 {
		t.Errorf("then it was at %d", got)
	}
	if address, there := now.AddressBefore(2); !there || address.City != "Bonn" {
		t.Errorf("it went to %+v before", address)
	}
	if address, there := now.AddressBefore(1); !there || address != nil {
		t.Errorf("it went to %+v before any update", address)
	}
	if _, there := now.AddressBefore(3); there {
		t.Error("there is no such update")
	}
}
