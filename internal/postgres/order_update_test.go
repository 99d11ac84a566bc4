package postgres

import (
	"errors"
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
)

func TestUpdateOrder(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant)
	fo := b.do(fos[0], &fulfillment.ReportProgress{})
	plan := func(commandID string, fields fulfillment.OrderFields) *fulfillment.OrderUpdatePlan {
		t.Helper()
		record, err := b.Order(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		cmd := fulfillment.UpdateOrder{OrderID: o.ID, OrderFields: fields}
		cmd.CommandID = commandID
		p, err := fulfillment.PlanOrderUpdate(record, []*fulfillment.FulfillmentOrder{fo}, cmd, b.env())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := plan("a", fulfillment.OrderFields{ShippingAddress: &fulfillment.Address{City: "Lyon"}, Tags: &[]string{"x"}})
	second := plan("b", fulfillment.OrderFields{Note: new("Knock")})
	for range 2 { // The second time, it is there already.
		if err := b.UpdateOrder(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.UpdateOrder(t.Context(), second); !errors.Is(err, fulfillment.ErrStale) {
		t.Errorf("decided on an order of before: got %v, want fulfillment.ErrStale", err)
	}
	other := plan("a", fulfillment.OrderFields{Note: new("Knock")})
	if err := b.UpdateOrder(t.Context(), other); !errors.Is(err, fulfillment.ErrStale) {
		t.Errorf("under the command ID of another: got %v, want fulfillment.ErrStale", err)
	}
	if err := b.UpdateOrder(t.Context(), plan("b", fulfillment.OrderFields{Note: new("Knock")})); err != nil {
		t.Fatal(err)
	}
	record, err := b.Order(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if record.Note != "Knock" || record.ShippingAddress.City != "Lyon" || !slices.Equal(record.Tags, []string{"x"}) ||
		record.Email != o.Email || record.Updates != 2 {
		t.Errorf("the order is %+v", record)
	}
	key := AddressBefore{o.ID, 1}
	addresses, err := b.AddressesBefore(t.Context(), []AddressBefore{key, {o.ID, 2}, {99, 1}})
	if err != nil || len(addresses) != 1 || *addresses[key] != *o.ShippingAddress {
		t.Errorf("addresses of before: %v, %v, want %+v", addresses, err, o.ShippingAddress)
	}
	for before, want := range map[int]string{0: "Lyon", 1: o.ShippingAddress.City} {
		place := fulfillment.Location{ID: fulfillment.ID(50 + before), Name: want, Active: true}
		if _, err := b.AddLocation(t.Context(), place); err != nil {
			t.Fatal(err)
		}
		call, err := b.ProviderCall(t.Context(), o.ID, fulfillment.ID(50+before), before)
		if err != nil || call.Destination.City != want {
			t.Errorf("a call with the destination before %d: %+v, %v", before, call.Destination, err)
		}
	}
	answer, fingerprint, err := b.UpdateBy(t.Context(), o.ID, "a")
	if err != nil || fingerprint != first.Fingerprint || !slices.Equal(answer.Changed, first.Answer.Changed) ||
		len(answer.Kept) != 1 {
		t.Errorf("answered %+v, %v", answer, err)
	}
	if got := b.one(`SELECT destination FROM (SELECT (snapshot->>'destinationBefore')::int AS destination
		FROM fulfillment_orders WHERE id = $1) t`, fo.ID); got != 1 {
		t.Errorf("it goes to the address before update %d", got)
	}
}
