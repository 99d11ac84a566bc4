package postgres

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

// topics are those that the order itself has raised.
func (b *book) topics(orderID fulfillment.ID) []string {
	b.t.Helper()
	var topics []string
	err := b.pool.QueryRow(b.t.Context(), `SELECT array_agg(topic ORDER BY id) FROM outbox
WHERE order_id = $1 AND fulfillment_order_id IS NULL`, orderID).Scan(&topics)
	if err != nil {
		b.t.Fatal(err)
	}
	return topics
}

// lastDetails are those of the order's last transition.
func (b *book) lastDetails(orderID fulfillment.ID) *fulfillment.OrderDetails {
	b.t.Helper()
	record, err := b.Order(b.t.Context(), orderID)
	if err != nil {
		b.t.Fatal(err)
	}
	return record.Transitions[len(record.Transitions)-1].Details
}

// TestEditTellsOfBefore: an edit says what the quantities were that it sets, and is told again as it was told first.
func TestEditTellsOfBefore(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, _ := b.create(merchant)
	first, second := o.LineItems[0].ID, o.LineItems[1].ID
	edit := fulfillment.OrderEdit{
		OrderID: o.ID, CommandID: "lower", At: b.now,
		SetQuantities: []fulfillment.Quantity{{ID: second, Quantity: 0}, {ID: first, Quantity: 2}},
	}
	for range 2 {
		if err := b.EditOrder(t.Context(), edit); err != nil {
			t.Fatal(err)
		}
		want := []fulfillment.Quantity{{ID: first, Quantity: 3}, {ID: second, Quantity: 1}}
		if diff := cmp.Diff(want, b.lastDetails(o.ID).Quantities); diff != "" {
			t.Error(diff)
		}
	}
	edit.CommandID, edit.SetQuantities = "raise", units(first, 5)
	if err := b.EditOrder(t.Context(), edit); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(units(first, 2), b.lastDetails(o.ID).Quantities); diff != "" {
		t.Error(diff)
	}
	want := []string{"orders/create", "orders/edited", "orders/updated", "orders/edited", "orders/updated"}
	if diff := cmp.Diff(want, b.topics(o.ID)); diff != "" {
		t.Error(diff)
	}
}

// TestPaidIsTold: when an order is paid as it is made, and when an edit leaves nothing to be paid; once each time.
func TestPaidIsTold(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	made := func(paid string) *fulfillment.Order {
		o := b.order()
		o.Transactions = []fulfillment.Transaction{{
			Kind: fulfillment.TransactionSale, Status: fulfillment.TransactionSuccess, Amount: paid,
		}}
		fos, transitions := b.plan(o, merchant)
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
			t.Fatal(err)
		}
		return o
	}
	lower := func(o *fulfillment.Order, quantity int) {
		if err := b.EditOrder(t.Context(), fulfillment.OrderEdit{
			OrderID: o.ID, CommandID: "to" + fulfillment.ID(quantity).String(), At: b.now,
			SetQuantities: units(o.LineItems[0].ID, quantity),
		}); err != nil {
			t.Fatal(err)
		}
	}
	whole := made("37.50")
	lower(whole, 2)
	part := made("25")
	lower(part, 2)
	lower(part, 1)
	for o, want := range map[*fulfillment.Order][]string{
		whole: {"orders/create", "orders/paid", "orders/edited", "orders/updated"},
		part: {
			"orders/create", "orders/edited", "orders/updated", "orders/paid", "orders/edited", "orders/updated",
		},
	} {
		if diff := cmp.Diff(want, b.topics(o.ID)); diff != "" {
			t.Error(diff)
		}
	}
}

// TestShipmentsAreToldAmidTheirOrder: a shipment with what is left of its lines, and an order with how far its
// fulfillment orders are that have shipments.
func TestShipmentsAreToldAmidTheirOrder(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant, service)
	fo := b.do(fos[0], &fulfillment.CreateFulfillment{Lines: units(fos[0].Lines[0].ID, 1)})
	var details fulfillment.Details
	if err := b.pool.QueryRow(t.Context(), `SELECT details FROM transitions
WHERE fulfillment_order_id = $1 AND sequence = $2`, fo.ID, fo.Sequence).Scan(&details); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(units(o.LineItems[0].ID, 2), details.Unfulfilled); diff != "" || details.OrderSequence != 1 {
		t.Errorf("sequence %d, %s", details.OrderSequence, diff)
	}
	want := []fulfillment.Reached{{FulfillmentOrderID: fo.ID, Sequence: fo.Sequence}}
	if diff := cmp.Diff(want, b.lastDetails(o.ID).Shipped); diff != "" {
		t.Error(diff)
	}
}
