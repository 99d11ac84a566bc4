package operation

import (
	"context"
	"slices"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

func TestOrdersCreate(t *testing.T) {
	t.Parallel()
	blanket := []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, UnitPrice: "3"}}
	for name, test := range map[string]struct {
		in    NewOrder
		key   string
		code  fulfillment.Code
		field string // the last part of the refusal's
		check func(fulfillment.Order) bool
	}{
		"is_the_caller's": {in: NewOrder{Order: fulfillment.Order{LineItems: blanket}},
			check: func(o fulfillment.Order) bool { return o.CommandID == "" && o.Actor.App == "shop" }},
		"keeps_its_own_name": {in: NewOrder{Order: fulfillment.Order{Name: "A", LineItems: blanket}},
			check: func(o fulfillment.Order) bool { return o.Name == "A" }},
		"keeps_its_own_command_id": {
			in: NewOrder{Order: fulfillment.Order{CommandID: "mine", LineItems: blanket}}, key: "k",
			check: func(o fulfillment.Order) bool { return o.CommandID == "mine" }},
		"has_the_command_id_of_its_key": {in: NewOrder{Order: fulfillment.Order{LineItems: blanket}}, key: "k",
			check: func(o fulfillment.Order) bool { return o.CommandID == "5/k/" }},
		"a_line_goes_to_its_service": {in: NewOrder{
			Order: fulfillment.Order{LineItems: blanket}, Services: map[int]string{0: "nordlicht"},
		},
			check: func(o fulfillment.Order) bool { return o.LineItems[0].LocationID == 8 }},
		"unknown_service": {in: NewOrder{
			Order: fulfillment.Order{LineItems: blanket}, Services: map[int]string{0: "nobody"},
		},
			code: fulfillment.CodeServiceInvalid, field: "fulfillmentService"},
		"takes_the_currency_of_its_prices": {in: NewOrder{
			Order: fulfillment.Order{LineItems: blanket}, Currencies: map[int]string{0: "EUR"},
		},
			check: func(o fulfillment.Order) bool { return o.CurrencyCode == "EUR" }},
		"another_currency": {in: NewOrder{
			Order: fulfillment.Order{CurrencyCode: "USD", LineItems: blanket}, Currencies: map[int]string{0: "EUR"},
		},
			code: fulfillment.CodeInvalid, field: "currencyCode"},
		"paid": {in: NewOrder{Order: fulfillment.Order{LineItems: blanket}, Payment: fulfillment.FinancialPaid},
			check: func(o fulfillment.Order) bool {
				t := o.Transactions
				return len(t) == 1 && t[0].Kind == fulfillment.TransactionSale && t[0].Amount == o.Totals(nil).Total
			}},
		"pending": {in: NewOrder{Order: fulfillment.Order{LineItems: blanket}, Payment: fulfillment.FinancialPending},
			check: func(o fulfillment.Order) bool { return len(o.Transactions) == 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &system{
				services: []fulfillment.Service{{Handle: "nordlicht", LocationID: 8}},
			}
			var created []fulfillment.Order
			s.create = func(o fulfillment.Order) error { created = append(created, o); return nil }
			ctx := as(t, access.WriteOrders)
			if test.key != "" {
				ctx = WithKey(ctx, Key{App: 5, Name: test.key})
			}
			_, err := Orders{Store: s, Commands: s}.Create(ctx, test.in)
			if codeOf(err) != test.code || (err == nil) != (len(created) == 1) {
				t.Fatalf("%d orders, %v", len(created), err)
			}
			if refused, ok := fulfillment.AsError(err); ok && refused.Field[len(refused.Field)-1] != test.field {
				t.Errorf("refused for %v", refused.Field)
			}
			if test.check != nil && !test.check(created[0]) {
				t.Errorf("created %+v", created[0])
			}
			if blanket[0].LocationID != 0 {
				t.Error("the order that was given was changed")
			}
		})
	}
}

// TestIdentifyOrder: what an order is does not depend on the entrance that it comes by.
func TestIdentifyOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		given     fulfillment.Order
		id        fulfillment.ID
		commandID string
	}{
		"its_id_first": {
			fulfillment.Order{ID: 7, SourceIdentifier: "web-1", CommandID: "order-9"}, 7, "order-9"},
		"then_its_source_identifier": {
			fulfillment.Order{SourceIdentifier: "web-1", CommandID: "order-9"}, fulfillment.OrderIDOf("web-1"), "order-9"},
		"then_the_id_that_its_command_id_carries": {fulfillment.Order{CommandID: "order-9"}, 9, "order-9"},
		"also_as_it_was_told_before":              {fulfillment.Order{CommandID: "cli-order-9"}, 9, "cli-order-9"},
		"then_its_command_id": {
			fulfillment.Order{CommandID: "5/k/"}, fulfillment.DerivedID("order command", "5/k/"), "5/k/"},
		"a_command_id_that_carries_none": {
			fulfillment.Order{CommandID: "order-x"}, fulfillment.DerivedID("order command", "order-x"), "order-x"},
		"a_command_id_follows": {fulfillment.Order{ID: 7}, 7, "order-7"},
	} {
		order := test.given
		IdentifyOrder(&order)
		if order.ID != test.id || order.CommandID != test.commandID {
			t.Errorf("%s: order %d by %q, want %d by %q", name, order.ID, order.CommandID, test.id, test.commandID)
		}
	}
	var first fulfillment.Order
	IdentifyOrder(&first)
	again := fulfillment.Order{CommandID: first.CommandID}
	if IdentifyOrder(&again); first.ID == 0 || again.ID != first.ID {
		t.Errorf("a new order is %d, and under its command ID %d", first.ID, again.ID)
	}
}

func TestOrdersCancel(t *testing.T) {
	t.Parallel()
	refusedOne := []fulfillment.CancelledFulfillmentOrder{{Outcome: fulfillment.CancelOutcomeCancelled},
		{
			Outcome: fulfillment.CancelOutcomeRefused,
			Error:   &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: "It is held."},
		}}
	for name, test := range map[string]struct {
		system  system
		code    fulfillment.Code
		message string
	}{
		"all_of_it":                     {system{cancel: refusedOne[:1]}, "", ""},
		"one_fulfillment_order_refuses": {system{cancel: refusedOne}, fulfillment.CodeInvalid, "It is held."},
		"unknown_order": {system{
			refuse: fulfillment.OrderNotFound("orderId"),
		},
			fulfillment.CodeOrderNotFound, "Order does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := test.system
			_, err := Orders{Store: &s, Commands: &s}.Cancel(
				as(t, access.WriteOrders), fulfillment.CancelOrder{OrderID: 100},
			)
			if codeOf(err) != test.code || err != nil && err.Error() != test.message {
				t.Errorf("got %v", err)
			}
			if !slices.Equal(s.told, []string{`CancelOrder 100 by MERCHANT as ""`}) {
				t.Errorf("told %q", s.told)
			}
		})
	}
}

func TestOrderEdits(t *testing.T) {
	t.Parallel()
	begin := func() (*system, *OrderEdits) {
		s := &system{
			orders: map[fulfillment.ID]*fulfillment.OrderRecord{
				100: {Order: fulfillment.Order{ID: 100, LineItems: []fulfillment.LineItem{{ID: 11, Quantity: 3}}}},
			},
			sessions: map[fulfillment.ID]*fulfillment.EditSession{1: {ID: 1, OrderID: 100, Version: 4}},
		}
		return s, &OrderEdits{Store: s, Commands: s}
	}

	t.Run("refusals", func(t *testing.T) {
		t.Parallel()
		for name, test := range map[string]struct {
			do   func(context.Context, *OrderEdits) error
			code fulfillment.Code
		}{
			"begin_unknown_order": {func(
				ctx context.Context, o *OrderEdits,
			) error {
				_, err := o.Begin(ctx, 101)
				return err
			}, fulfillment.CodeOrderNotFound},
			"negative_quantity": {func(ctx context.Context, o *OrderEdits) error {
				_, err := o.SetQuantity(ctx, 1, fulfillment.Quantity{ID: 11, Quantity: -1})
				return err
			}, fulfillment.CodeInvalid},
			"line_of_another_order": {func(ctx context.Context, o *OrderEdits) error {
				_, err := o.SetQuantity(ctx, 1, fulfillment.Quantity{ID: 12})
				return err
			}, fulfillment.CodeLineItemNotFound},
			"no_title": {func(ctx context.Context, o *OrderEdits) error {
				_, _, err := o.AddItem(ctx, 1, fulfillment.LineItem{Quantity: 1})
				return err
			}, fulfillment.CodeInvalid},
			"unknown_session": {func(
				ctx context.Context, o *OrderEdits,
			) error {
				_, err := o.Commit(ctx, 2)
				return err
			}, fulfillment.CodeInvalid},
			"variant": {func(
				ctx context.Context, o *OrderEdits,
			) error {
				return o.AddVariant(ctx, 1)
			}, fulfillment.CodeInvalid},
		} {
			_, o := begin()
			if err := test.do(as(t, access.WriteOrders), o); codeOf(err) != test.code {
				t.Errorf("%s: %v", name, err)
			}
			if err := test.do(as(t, access.ReadOrders), o); !isDenied(err) {
				t.Errorf("%s, without a scope: %v", name, err)
			}
		}
	})

	t.Run("a_line_is_added_once_under_a_key", func(t *testing.T) {
		t.Parallel()
		_, o := begin()
		ctx := WithKey(as(t, access.WriteOrders), Key{App: 5, Name: "k"})
		pillow := fulfillment.LineItem{Title: "Pillow", Quantity: 2}
		var session fulfillment.EditSession
		for range 2 {
			var err error
			if session, _, err = o.AddItem(ctx, 1, pillow); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(session.Changes.Add); n != 1 {
			t.Errorf("%d lines", n)
		}
		if session, _, _ = o.AddItem(as(t, access.WriteOrders), 1, pillow); len(session.Changes.Add) != 2 {
			t.Errorf("without a key: %d lines", len(session.Changes.Add))
		}
	})

	t.Run("commit", func(t *testing.T) {
		t.Parallel()
		for name, test := range map[string]struct {
			refuse error
			change bool
			told   []string
		}{
			"nothing": {nil, false, nil},
			"changes": {nil, true, []string{`EditOrder 100 by MERCHANT as "order-edit/1/4"`}},
			"refused": {
				&fulfillment.Error{Code: fulfillment.CodeUnroutable}, true,
				[]string{`EditOrder 100 by MERCHANT as "order-edit/1/4"`, "reopen 1 at 4"},
			},
			"no_answer": {&fulfillment.Error{Code: fulfillment.CodeUnavailable}, true,
				[]string{`EditOrder 100 by MERCHANT as "order-edit/1/4"`}},
		} {
			s, o := begin()
			s.refuse = test.refuse
			if test.change {
				s.sessions[1].Changes.SetQuantity(fulfillment.Quantity{ID: 11, Quantity: 1})
			}
			if _, err := o.Commit(
				as(t, access.WriteOrders), 1,
			); err != test.refuse || !slices.Equal(s.told, test.told) { //nolint:errorlint // It is passed on as it is.
				t.Errorf("%s: told %q, %v", name, s.told, err)
			}
		}
	})
}
