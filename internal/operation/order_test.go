package operation

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

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
		"has_the_data_of_its_option": {in: NewOrder{
			Order:      fulfillment.Order{ShippingOption: &fulfillment.ShippingOption{ID: "x"}, LineItems: blanket},
			OptionData: []fulfillment.Attribute{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}},
		},
			check: func(o fulfillment.Order) bool {
				return o.ShippingOption.ID == "x" && o.ShippingOption.Data["a"] == "1" && o.ShippingOption.Data["b"] == "2"
			}},
		"data_with_a_key_twice": {in: NewOrder{
			Order:      fulfillment.Order{ShippingOption: &fulfillment.ShippingOption{ID: "x"}, LineItems: blanket},
			OptionData: []fulfillment.Attribute{{Key: "a", Value: "1"}, {Key: "a", Value: "2"}},
		},
			code: fulfillment.CodeInvalid, field: "key"},
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
				as(t, access.WriteOrders), Cancellation{CancelOrder: fulfillment.CancelOrder{OrderID: 100}},
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

// What is said beside a cancellation is looked at before the order is.
func TestOrdersCancelArguments(t *testing.T) {
	t.Parallel()
	note := strings.Repeat("ö", MaxStaffNote)
	for name, test := range map[string]struct {
		in   Cancellation
		want string
	}{
		"the longest note": {Cancellation{StaffNote: note}, ""},
		"a note too long":  {Cancellation{StaffNote: note + "x"}, "staffNote Staff note is too long. Maximum length is 255 characters."},
		"a refund":         {Cancellation{Refund: true}, ""},
		"a method":         {Cancellation{RefundMethod: true}, ""},
		"both": {Cancellation{Refund: true, RefundMethod: true},
			"refund Only one of the arguments `refund` or `refund_method` is allowed."},
	} {
		s := &system{}
		_, err := Orders{Store: s, Commands: s}.Cancel(as(t, access.WriteOrders), test.in)
		got := ""
		if refused, ok := fulfillment.AsError(err); ok {
			got = refused.Field[0] + " " + refused.Message
		}
		if got != test.want || (len(s.told) == 0) != (test.want != "") {
			t.Errorf("%s: %q, told %q", name, got, s.told)
		}
	}
}

func TestOrderEdits(t *testing.T) {
	t.Parallel()
	begin := func() (*system, *OrderEdits) {
		s := &system{
			orders: map[fulfillment.ID]*fulfillment.OrderRecord{
				100: {Order: fulfillment.Order{ID: 100, CurrencyCode: "CAD",
					LineItems: []fulfillment.LineItem{{ID: 11, SKU: "A", Quantity: 3, UnitPrice: "2"}}}},
				102: {CancelledAt: new(time.Time)},
			},
			sessions: map[fulfillment.ID]*fulfillment.EditSession{
				1: {ID: 1, OrderID: 100, Version: 4, App: "shop"}, 3: {ID: 3, OrderID: 100, App: "another"},
				4: {ID: 4, OrderID: 102, App: "shop"},
			},
			fulfillmentOrders: map[fulfillment.ID]*fulfillment.FulfillmentOrder{
				21: {ID: 21, OrderID: 100, Status: fulfillment.StatusOpen,
					RequestStatus: fulfillment.RequestUnsubmitted,
					Lines:         []fulfillment.Line{{ID: 31, LineItemID: 11, Total: 2, Remaining: 2}}},
				22: {ID: 22, OrderID: 100, Status: fulfillment.StatusInProgress,
					RequestStatus:    fulfillment.RequestAccepted,
					AssignedLocation: fulfillment.AssignedLocation{ServiceID: 9},
					Lines:            []fulfillment.Line{{ID: 32, LineItemID: 11, Total: 1, Remaining: 1}}},
			},
			locations: []fulfillment.Location{{ID: 7, Name: "Main", Active: true, SKUs: []string{"A"}}},
		}
		return s, &OrderEdits{Store: s, Commands: s}
	}

	t.Run("refusals", func(t *testing.T) {
		t.Parallel()
		for name, test := range map[string]struct {
			do   func(context.Context, *OrderEdits) error
			code fulfillment.Code
			text string // of the refusal, with its field; "": whatever it is
		}{
			"begin_unknown_order": {func(
				ctx context.Context, o *OrderEdits,
			) error {
				_, err := o.Begin(ctx, 101)
				return err
			}, fulfillment.CodeOrderNotFound, "id The order does not exist."},
			"begin_cancelled_order": {func(ctx context.Context, o *OrderEdits) error {
				_, err := o.Begin(ctx, 102)
				return err
			}, fulfillment.CodeOrderCancelled, " The order cannot be edited."},
			"cancelled_since": {func(ctx context.Context, o *OrderEdits) error {
				_, err := o.SetQuantity(ctx, 4, fulfillment.Quantity{ID: 11, Quantity: 1})
				return err
			}, fulfillment.CodeOrderCancelled, " The order cannot be edited."},
			"negative_quantity": {setting(1, 11, -1), fulfillment.CodeInvalid, "quantity must be at least 0 (is -1)"},
			"line_of_another_order": {
				setting(1, 12, 0), fulfillment.CodeLineItemNotFound, "lineItemId The line item does not exist on the order.",
			},
			"fewer_than_a_service_has": {setting(1, 11, 0), fulfillment.CodeInvalid,
				`quantity 2 of "" can be cancelled, not 3: the rest is shipped, or requested from a service`},
			"another_app's_session": {
				setting(3, 11, 2), fulfillment.CodeInvalid, "id The calculated order does not exist.",
			},
			"commit_of_another_app's_session": {func(ctx context.Context, o *OrderEdits) error {
				_, err := o.Commit(ctx, 3)
				return err
			}, fulfillment.CodeInvalid, "id The calculated order does not exist."},
			"no_title": {adding(NewItem{LineItem: fulfillment.LineItem{Quantity: 1}}),
				fulfillment.CodeInvalid, "title can't be blank"},
			"long_title": {adding(NewItem{LineItem: fulfillment.LineItem{Title: strings.Repeat("ö", 256), Quantity: 1}}),
				fulfillment.CodeInvalid, "title is too long (maximum is 255 characters)"},
			"no_units": {adding(NewItem{LineItem: fulfillment.LineItem{Title: "A"}}),
				fulfillment.CodeInvalid, "quantity must be greater than 0"},
			"too_many_units": {adding(NewItem{LineItem: fulfillment.LineItem{Title: "A", Quantity: 1_000_001}}),
				fulfillment.CodeInvalid, "quantity must be at most 1000000 (is 1000001)"},
			"negative_price": {adding(NewItem{LineItem: fulfillment.LineItem{Title: "A", Quantity: 1, UnitPrice: "-0.01"}}),
				fulfillment.CodeInvalid, "price.amount must be greater than or equal to 0"},
			"another_currency": {adding(NewItem{LineItem: fulfillment.LineItem{Title: "A", Quantity: 1}, Currency: "USD"}),
				fulfillment.CodeInvalid, "price.amount Currency must be CAD."},
			"unknown_location": {adding(NewItem{LineItem: fulfillment.LineItem{Title: "A", Quantity: 1, LocationID: 404}}),
				fulfillment.CodeLocationNotFound, ""},
			"unknown_session": {func(
				ctx context.Context, o *OrderEdits,
			) error {
				_, err := o.Commit(ctx, 2)
				return err
			}, fulfillment.CodeInvalid, "id The calculated order does not exist."},
			"variant": {func(
				ctx context.Context, o *OrderEdits,
			) error {
				return o.AddVariant(ctx, 1)
			}, fulfillment.CodeInvalid, "variantId The variant does not exist in the shop."},
		} {
			s, o := begin()
			err := test.do(as(t, access.WriteOrders), o)
			if refused, _ := fulfillment.AsError(err); codeOf(err) != test.code ||
				test.text != "" && strings.Join(refused.Field, ".")+" "+refused.Message != test.text {
				t.Errorf("%s: %v, want %s", name, err, test.text)
			}
			if len(s.told)+len(s.sessions[1].Changes.Add)+len(s.sessions[1].Changes.SetQuantities) > 0 {
				t.Errorf("%s: refused, it did %q, and the session has %+v", name, s.told, s.sessions[1].Changes)
			}
			if err := test.do(as(t, access.ReadOrders), o); !isDenied(err) {
				t.Errorf("%s, without a scope: %v", name, err)
			}
		}
	})

	t.Run("quantities_go_up_and_down", func(t *testing.T) {
		t.Parallel()
		s, o := begin()
		ctx := as(t, access.WriteOrders)
		for _, quantity := range []int{1, 5} {
			session, err := o.SetQuantity(ctx, 1, fulfillment.Quantity{ID: 11, Quantity: quantity})
			if err != nil || len(session.Changes.SetQuantities) != 1 ||
				session.Changes.SetQuantities[0].Quantity != quantity {
				t.Errorf("set to %d: %+v, %v", quantity, session.Changes, err)
			}
		}
		s.locations[0].SKUs = nil
		if err := setting(1, 11, 6)(ctx, o); codeOf(err) != fulfillment.CodeUnroutable {
			t.Errorf("raised where nobody stocks it: %v", err)
		}
		if err := setting(1, 11, 2)(ctx, o); err != nil {
			t.Errorf("lowered where nobody stocks it: %v", err)
		}
	})

	t.Run("an_operator_goes_on_with_any_session", func(t *testing.T) {
		t.Parallel()
		_, o := begin()
		ctx := access.WithCaller(t.Context(), access.Trusted(fulfillment.Actor{Role: fulfillment.RoleOperator}))
		if err := setting(3, 11, 2)(ctx, o); err != nil {
			t.Error(err)
		}
	})

	t.Run("a_line_is_added_once_under_a_key", func(t *testing.T) {
		t.Parallel()
		_, o := begin()
		ctx := WithKey(as(t, access.WriteOrders), Key{App: 5, Name: "k"})
		pillow := NewItem{LineItem: fulfillment.LineItem{Title: "Pillow", Quantity: 2}}
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

// setting sets a quantity in a session.
func setting(session, line fulfillment.ID, quantity int) func(context.Context, *OrderEdits) error {
	return func(ctx context.Context, o *OrderEdits) error {
		_, err := o.SetQuantity(ctx, session, fulfillment.Quantity{ID: line, Quantity: quantity})
		return err
	}
}

// adding adds an item to session 1.
func adding(item NewItem) func(context.Context, *OrderEdits) error {
	return func(ctx context.Context, o *OrderEdits) error {
		_, _, err := o.AddItem(ctx, 1, item)
		return err
	}
}
