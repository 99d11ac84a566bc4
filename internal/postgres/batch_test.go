package postgres

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"packhorse/internal/fulfillment"
)

// TestBatchedReadsAreOneStatement counts what each of the reads for many objects sends.
func TestBatchedReadsAreOneStatement(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var orders, fos, lines, fulfillments, items []fulfillment.ID
	for range 3 {
		o, made := b.create(merchant, service)
		orders = append(orders, o.ID)
		for _, fo := range made {
			shipped := b.do(fo, &fulfillment.CreateFulfillment{Lines: units(fo.Lines[0].ID, 1)})
			fos, lines, items = append(fos, fo.ID), append(lines, fo.Lines[0].ID), append(items, fo.Lines[0].LineItemID)
			fulfillments = append(fulfillments, shipped.Fulfillments[0].ID)
		}
	}
	for name, read := range map[string]func() (found int, err error){
		"FulfillmentOrdersByID": func() (int, error) {
			got, err := b.FulfillmentOrdersByID(t.Context(), fos)
			return len(got), err
		},
		"FulfillmentOrdersOfAll": func() (n int, err error) {
			got, err := b.FulfillmentOrdersOfAll(t.Context(), orders)
			for _, of := range got {
				n += len(of)
			}
			return n, err
		},
		"FulfillmentOrdersOfOrders": func() (n int, err error) {
			got, err := b.FulfillmentOrdersOfOrders(t.Context(), orders, FulfillmentOrderList{IncludeClosed: true})
			for _, of := range got {
				n += len(of.Items)
			}
			return n, err
		},
		"FulfillmentOrdersByPart": func() (int, error) {
			got, err := b.FulfillmentOrdersByPart(t.Context(), PartLine, lines)
			return len(got), err
		},
		"FulfillmentsByID": func() (int, error) {
			got, err := b.FulfillmentsByID(t.Context(), fulfillments)
			return len(got), err
		},
		"ListFulfillmentOrders": func() (int, error) {
			got, err := b.ListFulfillmentOrders(t.Context(), FulfillmentOrderList{IncludeClosed: true, Window: Window{
				Sort: SortUpdatedAt, After: Place{Sort: SortUpdatedAt, At: testStart, ID: 1}.String()}})
			return len(got.Items), err
		},
		"OrdersByID": func() (int, error) {
			got, err := b.OrdersByID(t.Context(), orders)
			return 2 * len(got), err
		},
		"OrdersByLineItem": func() (int, error) {
			got, err := b.OrdersByLineItem(t.Context(), items)
			return len(got), err
		},
		"ListOrders": func() (int, error) {
			got, err := b.ListOrders(t.Context(), OrderList{})
			return 2 * len(got.Items), err
		},
	} {
		before := b.calls.statements.Load()
		found, err := read()
		if got := b.calls.statements.Load() - before; err != nil || found != len(fos) || got != 1 {
			t.Errorf("%s found %d objects with %d statements (%v), want %d with one", name, found, got, err, len(fos))
		}
	}
}

func TestBatchedReadsKeepTheOrderOfTheIDs(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(service, merchant)
	shipped := richLife(b, fos[0])
	asked := []fulfillment.ID{shipped.ID, 99, fos[1].ID, shipped.ID}
	got, err := b.FulfillmentOrdersByID(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	want := []*fulfillment.FulfillmentOrder{shipped, nil, fos[1], shipped}
	if diff := cmp.Diff(
		want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(fulfillment.FulfillmentOrder{}, "Recent"), uncommitted,
	); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
	f := shipped.Fulfillments[0]
	for by, key := range map[FulfillmentKey]fulfillment.ID{
		FulfillmentByID: f.ID, FulfillmentByLine: f.Lines[0].ID, FulfillmentByEvent: f.Events[0].ID,
	} {
		got, err := b.FulfillmentsBy(t.Context(), by, []fulfillment.ID{99, key, key})
		if err != nil || got[0] != nil || got[1] == nil || got[1] != got[2] || got[1].Owner.ID != shipped.ID ||
			got[1].Fulfillment.Name != o.Name+"-F1" {
			t.Errorf("by %s: %v, %v", by, got, err)
		} else if diff := cmp.Diff(f.Lines, got[1].Lines()); diff != "" || len(got[1].Sources) != 1 {
			t.Errorf("by %s: from %d, lines -written +read:\n%s", by, len(got[1].Sources), diff)
		}
	}
	orders, err := b.OrdersByID(t.Context(), []fulfillment.ID{99, o.ID})
	if err != nil || orders[0] != nil || orders[1] == nil || orders[1].ID != o.ID {
		t.Errorf("orders %v, %v", orders, err)
	}
	of, err := b.FulfillmentOrdersOfAll(t.Context(), []fulfillment.ID{99, o.ID, o.ID})
	if err != nil || len(of) != 1 || len(of[o.ID]) != 2 {
		t.Errorf("of the order: %v, %v", of, err)
	}
	for name, err := range map[string]error{
		"part": func() error { _, err := b.FulfillmentOrdersByPart(t.Context(), "wheel", asked); return err }(),
		"key":  func() error { _, err := b.FulfillmentsBy(t.Context(), "wheel", asked); return err }(),
	} {
		if !errors.Is(err, fulfillment.ErrInvalid) {
			t.Errorf("%s: got %v, want fulfillment.ErrInvalid", name, err)
		}
	}
}

func TestFulfillmentOrdersByPart(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(merchant, service)
	held := b.do(fos[0], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	asked := b.do(fos[1], &fulfillment.SubmitFulfillmentRequest{})
	for part, ids := range map[Part][]fulfillment.ID{
		PartLine: {asked.Lines[0].ID, held.Lines[0].ID}, PartHold: {held.Holds[0].ID},
		PartMerchantRequest: {asked.MerchantRequests[0].ID},
	} {
		want := map[Part][]*fulfillment.FulfillmentOrder{
			PartLine: {asked, held, nil}, PartHold: {held, nil}, PartMerchantRequest: {asked, nil},
		}[part]
		got, err := b.FulfillmentOrdersByPart(t.Context(), part, append(ids, 99))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(
			want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(fulfillment.FulfillmentOrder{}, "Recent"), uncommitted,
		); diff != "" {
			t.Errorf("%s: -written +read:\n%s", part, diff)
		}
	}
	released := b.do(held, &fulfillment.ReleaseHold{})
	if got, err := b.FulfillmentOrdersByPart(t.Context(), PartHold, []fulfillment.ID{held.Holds[0].ID}); err != nil ||
		got[0] != nil {
		t.Errorf("a released hold: %v, %v", got, err)
	}

	// Cancelling moves lines with their IDs to a new fulfillment order.
	c := b.decide(released, &fulfillment.Cancel{})
	if _, err := b.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got, err := b.FulfillmentOrdersByPart(t.Context(), PartLine, []fulfillment.ID{released.Lines[0].ID})
	if err != nil || len(c.Siblings) != 1 || got[0] == nil || got[0].ID != c.Siblings[0].ID {
		t.Errorf("a line that moved on: %v, %v, want %v", got, err, c.Siblings)
	}
}

// TestOrderLineQuantities follows the units of one line through the states that recorded traffic shows.
func TestOrderLineQuantities(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant)
	fo := fos[0]
	ofFirst := func(l fulfillment.Line) bool { return l.LineItemID == o.LineItems[0].ID }
	line := fo.Lines[slices.IndexFunc(fo.Lines, ofFirst)]
	expect := func(step string, current, unfulfilled, fulfillable int) {
		t.Helper()
		got, err := b.OrdersByID(t.Context(), []fulfillment.ID{o.ID})
		if err != nil {
			t.Fatal(err)
		}
		want := fulfillment.OrderLine{
			LineItemID: line.LineItemID, Current: current, Unfulfilled: unfulfilled, Fulfillable: fulfillable,
		}
		if got[0].Lines[0] != want {
			t.Errorf("%s: %+v, want %+v", step, got[0].Lines[0], want)
		}
		if got[0].CurrentQuantities[0].Quantity != current {
			t.Errorf("%s: current quantity %d, want %d", step, got[0].CurrentQuantities[0].Quantity, current)
		}
	}
	expect("new", 3, 3, 3)
	fo = b.do(fo, &fulfillment.ReportProgress{})
	expect("in progress", 3, 3, 3)
	fo = b.do(fo, &fulfillment.Open{})
	c := b.decide(fo, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: units(line.ID, 2)})
	if _, err := b.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	expect("two held", 3, 3, 1)
	rest := b.do(c.Siblings[0], &fulfillment.CreateFulfillment{})
	expect("the rest shipped", 3, 2, 0)
	b.do(c.State, &fulfillment.ReleaseHold{})
	expect("released", 3, 2, 2)
	b.do(rest, &fulfillment.CancelFulfillment{FulfillmentID: rest.Fulfillments[0].ID})
	expect("taken back", 3, 3, 3)
	if err := b.EditOrder(
		t.Context(),
		fulfillment.OrderEdit{OrderID: o.ID, CommandID: "e", At: b.now, SetQuantities: units(line.LineItemID, 2)},
	); err != nil {
		t.Fatal(err)
	}
	expect("edited", 2, 3, 3) // The units leave by commands of their own.
}

// A shipment from several fulfillment orders is one shipment, however it is looked up.
func TestFulfillmentsBy_SeveralSources(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o := b.order()
	half := func(quantity int) []fulfillment.Quantity { return units(o.LineItems[0].ID, quantity) }
	fos, transitions, err := fulfillment.NewFulfillmentOrders(o, []fulfillment.Assignment{
		{Location: merchant, Lines: half(1)}, {
			Location: merchant, Lines: append(half(2), units(o.LineItems[1].ID, 1)...),
		}}, b.env())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
		t.Fatal(err)
	}
	d, err := fulfillment.DecideJointly(&fulfillment.Ship{Groups: []fulfillment.ShipGroup{
		{FulfillmentOrderID: fos[1].ID}, {FulfillmentOrderID: fos[0].ID}}}, fos, b.env())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.CommitJointly(t.Context(), d.Commit()); err != nil {
		t.Fatal(err)
	}
	stored, err := b.FulfillmentOrdersOf(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	var keys = map[FulfillmentKey][]fulfillment.ID{FulfillmentByID: {d.Results[0].FulfillmentID}}
	for _, fo := range stored {
		for _, l := range fo.Fulfillments[0].Lines {
			keys[FulfillmentByLine] = append(keys[FulfillmentByLine], l.ID)
		}
	}
	check := func(name string, o *OwnedFulfillment) {
		t.Helper()
		if o == nil || o.Owner.ID != fos[1].ID || o.Fulfillment.Name == "" ||
			!slices.Equal(snapshotIDs(o.Sources), snapshotIDs(fos)) {
			t.Fatalf("%s: %+v", name, o)
		}
		lines := o.Lines()
		if len(lines) != 2 || lines[0].Quantity != 3 || lines[1].Quantity != 1 {
			t.Errorf("%s: lines %+v, want three units and one", name, lines)
		}
	}
	for by, ids := range keys {
		found, err := b.FulfillmentsBy(t.Context(), by, ids)
		if err != nil || len(found) == 0 {
			t.Fatal(found, err)
		}
		for _, f := range found {
			check(string(by), f)
		}
	}
	all := FulfillmentsOf(stored)
	if len(all) != 1 {
		t.Fatalf("%d shipments, want one", len(all))
	}
	check("of the order", all[0])
	got, err := b.OrdersByID(t.Context(), []fulfillment.ID{o.ID})
	if err != nil || got[0].Lines[0] != (fulfillment.OrderLine{LineItemID: o.LineItems[0].ID, Current: 3}) {
		t.Errorf("%+v, %v", got[0].Lines, err)
	}
}
