package main

import (
	"encoding/json"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

const someOrder = `{"name":"#1001","lineItems":[{"title":"x","quantity":1}]}`

// TestCreateAgainIsTheSameOrder creates an order and repeats it under the command ID of the first time.
func TestCreateAgainIsTheSameOrder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, order, commandID string }{
		{"command ID of the caller", someOrder, "mine"},
		{"command ID of our own", someOrder, ""},
		{"source identifier", strings.Replace(someOrder, "{", `{"sourceIdentifier":"w-1",`, 1), ""},
		{"ID", strings.Replace(someOrder, "{", `{"id":"17",`, 1), ""},
	} {
		var sent []fulfillment.Order
		f := lantern()
		f.create = func(o fulfillment.Order) (fulfillment.OrderCreated, error) {
			sent = append(sent, o)
			return fulfillment.OrderCreated{}, &fulfillment.Error{
				Code: fulfillment.CodeUnavailable, Message: "No answer.",
			}
		}
		args := []string{"order", "create", "-f", "-"}
		if test.commandID != "" {
			args = append(args, "--command-id", test.commandID)
		}
		if status, _, stderr := call(t, f, test.order, args...); status != statusFailed ||
			!strings.Contains(stderr, "--command-id "+sent[0].CommandID) {
			t.Fatalf("%s: status %d %s", test.name, status, stderr)
		}
		call(t, f, test.order, "order", "create", "-f", "-", "--command-id", sent[0].CommandID)
		if len(sent) != 2 || sent[0].ID <= 0 || sent[0].ID != sent[1].ID || sent[0].CommandID != sent[1].CommandID {
			t.Errorf("%s: sent %+v", test.name, sent)
		}
	}
}

// TestOrderShowsWeightAndCustoms: what lines weigh, their HS codes and where they are from are shown if a line has
// them.
func TestOrderShowsWeightAndCustoms(t *testing.T) {
	t.Parallel()
	f := lantern()
	order := *f.orders[0]
	order.LineItems = append([]fulfillment.LineItem{}, order.LineItems...)
	f.orders[0] = &order
	_, stdout, _ := call(t, f, "", "order", "show", "1001")
	for _, column := range []string{"WEIGHT", "HS CODE", "ORIGIN"} {
		if strings.Contains(stdout, column) {
			t.Errorf("nothing is known, and it shows %s:\n%s", column, stdout)
		}
	}
	order.LineItems[0].Weight = &fulfillment.Weight{Value: 1.25, Unit: fulfillment.Kilograms}
	order.LineItems[0].HarmonizedSystemCode, order.LineItems[0].CountryCodeOfOrigin = "940540", "DE"
	other := fulfillment.LineItem{ID: 12, Title: "Wick", Quantity: 1, CountryCodeOfOrigin: "FR"}
	order.LineItems = append(order.LineItems, other)
	_, stdout, _ = call(t, f, "", "order", "show", "1001")
	text := strings.Join(strings.Fields(stdout), " ")
	for _, want := range []string{
		"ORDERED NOW WEIGHT HS CODE ORIGIN 11", "3 3 1.25 KILOGRAMS 940540 DE", "12 - Wick 1 1 - - FR",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q:\n%s", want, stdout)
		}
	}
}

func TestCreateReadsStrictly(t *testing.T) {
	t.Parallel()
	f := lantern()
	for _, text := range []string{
		"", "[]", `{"lineItms":[]}`, someOrder + someOrder, strings.Repeat("x", longestOrder+1),
	} {
		if status, _, stderr := call(t, f, text, "order", "create", "-f", "-"); status != statusFailed || stderr == "" {
			t.Errorf("%.30s: status %d %s", text, status, stderr)
		}
	}
	if status, _, stderr := call(t, f, "", "order", "create", "-f", "/does/not/exist"); status != statusFailed ||
		!strings.Contains(stderr, "/does/not/exist") {
		t.Errorf("status %d %s", status, stderr)
	}
	if len(f.sent) > 0 {
		t.Errorf("it sent %v", f.sent)
	}
}

func TestOrderIsFoundByEveryName(t *testing.T) {
	t.Parallel()
	f := lantern()
	for _, name := range []string{"1001", "order/1001", "#1001", "web-1"} {
		if status, stdout, stderr := call(t, f, "", "order", "show", name); status != statusDone ||
			!strings.HasPrefix(stdout, "Order #1001 (1001): PARTIALLY_FULFILLED\n") {
			t.Errorf("%s: status %d %s%s", name, status, stdout, stderr)
		}
	}
	if status, _, stderr := call(t, f, "", "order", "show", "#7"); status != statusFailed ||
		!strings.Contains(stderr, "ORDER_NOT_FOUND") {
		t.Errorf("status %d %s", status, stderr)
	}
	twin := *f.orders[0]
	twin.ID = 1002
	f.orders = append(f.orders, &twin)
	if status, _, stderr := call(t, f, "", "order", "show", "#1001"); status != statusFailed ||
		!strings.Contains(stderr, "one of 1001, 1002") {
		t.Errorf("status %d %s", status, stderr)
	}
}

// How an order is to be shipped is shown; what the customer chose with an option is only named.
func TestOrderShowsHowItIsToBeShipped(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]*fulfillment.ShippingOption{
		"rule CHEAPEST":                {Rule: fulfillment.RuleCheapest},
		"rule FASTEST within 3 days":   {Rule: fulfillment.RuleFastest, WithinDays: new(3)},
		"option express":               {ID: "express"},
		"option pick-up with door, id": {ID: "pick-up", Data: map[string]string{"id": "secret point", "door": "B"}},
	} {
		f := lantern()
		f.orders[0].ShippingOption = option
		status, stdout, stderr := call(t, f, "", "order", "show", "1001")
		if status != statusDone || !strings.Contains(strings.Join(strings.Fields(stdout), " "), " ships by "+want+" ") ||
			strings.Contains(stdout, "secret point") {
			t.Errorf("status %d %s%s, want %q", status, stdout, stderr, want)
		}
	}
}

func TestOrderEditAndCancel(t *testing.T) {
	t.Parallel()
	f := lantern()
	lines := writeFile(t, "lines.json", `[{"title":"b","quantity":2},{"title":"c","quantity":3}]`)
	status, stdout, stderr := call(
		t, f, "", "order", "edit", "#1001", "--add", ` {"title":"a","quantity":1}`, "--add", lines, "--set-quantity",
		"11=0", "--command-id", "c",
	)
	want := `EditOrder {"commandId":"c","actor":{"role":"OPERATOR"},"orderId":"1001","add":[{"title":"a","quantity":1},{"title":"b","quantity":2},{"title":"c","quantity":3}],"setQuantities":[{"id":"11","quantity":0}]}`
	if status != statusDone || len(f.sent) != 1 || f.sent[0] != want ||
		!strings.Contains(stdout, "4712               ADDED") {
		t.Errorf("status %d %s%s\nsent %v", status, stdout, stderr, f.sent)
	}
	for _, bad := range []string{"[]", `{"titel":"a"}`, `{"title":"a","quantity":1},"id":"9","lineItems":[{}`} {
		if status, _, _ := call(t, f, "", "order", "edit", "#1001", "--add", bad); status != statusFailed {
			t.Errorf("%s: status %d", bad, status)
		}
	}
	f.sent = nil
	status, stdout, _ = call(t, f, "", "order", "cancel", "web-1", "--reason", "r", "--command-id", "c", "-o", "json")
	var document struct {
		CommandID string
		Result    struct{ FulfillmentOrders []struct{ Outcome string } }
		Order     struct{ ID string }
	}
	if err := json.Unmarshal([]byte(stdout), &document); err != nil || status != statusDone ||
		document.Order.ID != "1001" ||
		len(document.Result.FulfillmentOrders) != 1 ||
		document.Result.FulfillmentOrders[0].Outcome != "CANCELLATION_REQUESTED" {
		t.Errorf("status %d %v %s", status, err, stdout)
	}
	if want := `CancelOrder {"commandId":"c","actor":{"role":"OPERATOR"},"orderId":"1001","reason":"r"}`; len(f.sent) != 1 || f.sent[0] != want {
		t.Errorf("sent %v", f.sent)
	}
}

func TestPagesAreReadUntilTheLimit(t *testing.T) {
	t.Parallel()
	f := &fakeBackend{}
	for id := fulfillment.ID(1000); id > 0; id-- {
		f.fulfillmentOrders = append(
			f.fulfillmentOrders, &fulfillment.FulfillmentOrder{ID: id, Status: fulfillment.StatusOpen},
		)
	}
	seen, after := 0, ""
	for page := 1; ; page++ {
		_, stdout, _ := call(t, f, "", "fulfillment-order", "list", "--limit", "600", "-o", "json", "--after", after)
		var got list[struct{ ID string }]
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatal(err)
		}
		seen += len(got.Items)
		if after = got.Next; after == "" {
			if page != 2 || seen != 1000 {
				t.Errorf("%d items on %d pages", seen, page)
			}
			return
		}
		if _, err := postgres.ParseCursor(after); err != nil || len(got.Items) != 600 {
			t.Fatalf("%d items, %v", len(got.Items), err)
		}
	}
}

// TestOrderUpdate sends what is given, and shows who keeps the destination of before.
func TestOrderUpdate(t *testing.T) {
	t.Parallel()
	f := lantern()
	status, stdout, stderr := call(t, f, "", "order", "update", "#1001", "--shipping-address",
		`{"address1": "New street 99", "countryCode": "PT"}`, "--note", "", "--tag", "gift", "--attribute", "a=b=c")
	if status != statusDone || !strings.Contains(stdout, "OLD DESTINATION") || !strings.Contains(stdout, "Ship Co has accepted it.") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	want := `"shippingAddress":{"address1":"New street 99","countryCode":"PT"},"note":"","tags":["gift"],` +
		`"customAttributes":[{"key":"a","value":"b=c"}]`
	if len(f.sent) != 1 || !strings.Contains(f.sent[0], want) {
		t.Errorf("sent %v, want %s", f.sent, want)
	}
	for args, want := range map[string]string{
		"":                                       "at least one of the flags",
		"--shipping-address {\"adress1\":\"x\"}": "did you mean address1?",
	} {
		status, _, stderr := call(t, lantern(), "", append([]string{"order", "update", "1001"}, strings.Fields(args)...)...)
		if status == statusDone || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %q, want %q", args, status, stderr, want)
		}
	}
	f = lantern()
	if call(t, f, "", "order", "update", "1001", "--tag", ""); len(f.sent) != 1 || !strings.Contains(f.sent[0], `"tags":[]`) {
		t.Errorf("sent %v", f.sent)
	}
}

// TestCancelOfAPartlyShippedOrder says what to do instead, in commands that exist, to people, and to programs.
func TestCancelOfAPartlyShippedOrder(t *testing.T) {
	t.Parallel()
	f := lantern()
	f.cancel = func(fulfillment.CancelOrder) error {
		return fulfillment.CheckCancelOrder(fulfillment.OrderView{Fulfillments: []fulfillment.FulfillmentView{
			{Lines: []fulfillment.FulfillmentLine{{ID: 4715, Quantity: 1}}},
		}})
	}
	status, _, stderr := call(t, f, "", "order", "cancel", "#1001")
	for _, want := range []string{
		"outstanding fulfillments", "code        ORDER_HAS_FULFILLMENTS", "what to do  What is shipped stays so.",
	} {
		if status != statusFailed || !strings.Contains(stderr, want) {
			t.Errorf("status %d %s; want %q", status, stderr, want)
		}
	}
	_, _, stderr = call(t, f, "", "order", "cancel", "#1001", "-o", "json")
	var document struct{ Error explanation }
	if err := json.Unmarshal([]byte(stderr), &document); err != nil || document.Error.Retryable ||
		document.Error.Code != fulfillment.CodeOrderShipped {
		t.Fatalf("%v %s", err, stderr)
	}
	for _, command := range []string{
		"order edit ORDER --set-quantity", "fulfillment-order submit-cancellation-request ID", "order show ORDER",
		"fulfillment cancel FULFILLMENT",
	} {
		if problem := mistyped(strings.Fields(command)); problem != "" ||
			!strings.Contains(document.Error.WhatToDo, "packhorse "+command) {
			t.Errorf("%s is not advised, or does not exist: %q %s", command, document.Error.WhatToDo, problem)
		}
	}
}

// TestOrderUpdateOfNoFulfillmentOrder: what concerns none of them shows no table of what became of them.
func TestOrderUpdateOfNoFulfillmentOrder(t *testing.T) {
	t.Parallel()
	for args, concerns := range map[string]bool{
		"--note Knock": false, `--shipping-address {"address1":"Quay_1","countryCode":"DE"}`: true,
	} {
		args := append([]string{"order", "update", "#1001"}, strings.Fields(args)...)
		status, stdout, stderr := call(t, lantern(), "", args...)
		if status != statusDone || strings.Contains(stdout, "OUTCOME") != concerns {
			t.Errorf("%v: status %d, %q, %q", args, status, stdout, stderr)
		}
	}
}

// TestOrderClose puts an order away and opens it again, and shows it then.
func TestOrderClose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ do, want string }{
		{"close", `CloseOrder {"commandId":"c","actor":{"role":"OPERATOR"},"orderId":"1001"}`},
		{"open", `OpenOrder {"commandId":"c","actor":{"role":"OPERATOR"},"orderId":"1001"}`},
	} {
		f := lantern()
		status, stdout, stderr := call(t, f, "", "order", test.do, "#1001", "--command-id", "c")
		if status != statusDone || !strings.Contains(stdout, "#1001") || strings.Contains(stdout, "OUTCOME") {
			t.Errorf("%s: status %d, %q, %q", test.do, status, stdout, stderr)
		}
		if len(f.sent) != 1 || f.sent[0] != test.want {
			t.Errorf("%s: sent %v, want %s", test.do, f.sent, test.want)
		}
	}
}
