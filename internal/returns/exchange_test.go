package returns_test

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

func TestExchangeStatuses(t *testing.T) {
	t.Parallel()
	for want, sent := range map[returns.ExchangeStatus]returns.Sent{
		returns.ExchangeNotFulfilled:     {Units: 2, Working: true},
		returns.ExchangeFulfilled:        {Units: 2, Packed: 2, Working: true},
		returns.ExchangePartiallyShipped: {Units: 2, Packed: 2, Shipped: 1, Working: true},
		returns.ExchangeShipped:          {Units: 2, Packed: 2, Shipped: 2, Working: true},
		returns.ExchangeCanceled:         {Units: 2, AllTakenBack: true, Working: true},
		returns.ExchangeRequiresAction:   {Units: 2, Packed: 1, Working: true},
	} {
		if got := (&returns.Exchange{}).FulfillmentStatus(sent, nil); got != want {
			t.Errorf("%+v is %s, not %s", sent, got, want)
		}
	}
}

func TestClaimStatuses(t *testing.T) {
	t.Parallel()
	back := func(received int) *returns.Return {
		return &returns.Return{
			Status: returns.StatusOpen, Lines: []returns.Line{{ID: 1, LineItemID: 1, Quantity: 2, Received: received}},
		}
	}
	sent := returns.Sent{Units: 2, Packed: 2, Shipped: 2, Working: true}
	for _, test := range []struct {
		want returns.ClaimStatus
		kind returns.ClaimType
		sent returns.Sent
		back *returns.Return
	}{
		{returns.ClaimNotFulfilled, returns.ClaimReplace, returns.Sent{Units: 2, Working: true}, back(2)},
		{returns.ClaimPartiallyFulfilled, returns.ClaimReplace, returns.Sent{Units: 2, Packed: 1, Working: true}, nil},
		{returns.ClaimFulfilled, returns.ClaimReplace, returns.Sent{Units: 2, Packed: 2, Working: true}, nil},
		{returns.ClaimPartiallyShipped, returns.ClaimReplace, returns.Sent{Units: 2, Packed: 2, Shipped: 1}, back(1)},
		{returns.ClaimShipped, returns.ClaimReplace, sent, back(0)},
		{returns.ClaimPartiallyReturned, returns.ClaimReplace, sent, back(1)},
		{returns.ClaimReturned, returns.ClaimReplace, sent, back(2)},
		{returns.ClaimCanceled, returns.ClaimReplace, returns.Sent{Units: 2, AllTakenBack: true}, nil},
		{returns.ClaimRequiresAction, returns.ClaimReplace, returns.Sent{Units: 2}, nil},
		{returns.ClaimNotFulfilled, returns.ClaimRefund, returns.Sent{}, nil},
		{returns.ClaimReturned, returns.ClaimRefund, returns.Sent{}, back(2)},
	} {
		if got := (&returns.Claim{Type: test.kind}).FulfillmentStatus(test.sent, test.back); got != test.want {
			t.Errorf("%s %+v is %s, not %s", test.kind, test.sent, got, test.want)
		}
	}
}

// What is sent of an exchange is told from the order's own fulfillment orders and shipments.
func TestSentOf(t *testing.T) {
	t.Parallel()
	out := []returns.Outbound{{LineItemID: mugs, Quantity: 2}}
	later := day.Add(time.Hour)
	fo := &fulfillment.FulfillmentOrder{
		ID: 1, Status: fulfillment.StatusInProgress, RequestStatus: fulfillment.RequestUnsubmitted,
		Lines: []fulfillment.Line{{ID: 2, LineItemID: mugs, Total: 2, Remaining: 1}},
		Fulfillments: []fulfillment.Fulfillment{{
			ID: 3, Status: fulfillment.FulfillmentSuccess, CreatedAt: day, InTransitAt: &later,
			Lines: []fulfillment.FulfillmentLine{{ID: 4, FulfillmentOrderLineID: 2, LineItemID: mugs, Quantity: 1}},
		}},
	}
	look := func() returns.Sent {
		all := []*fulfillment.FulfillmentOrder{fo}
		return returns.SentOf(out, fulfillment.ViewOrder(false, all), all)
	}
	if got, want := look(), (returns.Sent{Units: 2, Packed: 1, Shipped: 1, Working: true}); got != want {
		t.Errorf("sent is %+v", got)
	}
	fo.Status, fo.RequestStatus = fulfillment.StatusIncomplete, fulfillment.RequestClosed
	if look().Working {
		t.Error("somebody works on what the service gave back")
	}
	fo.Fulfillments[0].Status = fulfillment.FulfillmentCancelled
	if got := look(); !got.AllTakenBack || got.Packed != 0 {
		t.Errorf("sent is %+v", got)
	}
}

func TestRefundOfAClaimIsWhatTheGoodsHaveCost(t *testing.T) {
	t.Parallel()
	w := newWorld()
	in := claim(func(c *returns.NewClaim) { c.Type, c.Replacement = returns.ClaimRefund, nil })
	if refused := in.Check(w.facts()); refused != nil {
		t.Fatal(refused)
	}
	if c := in.Claim(1, 1, nil, nil, w.facts(), day); c.RefundAmount != "10.32" || in.Create(orderID) != nil {
		t.Errorf("it is %+v", c)
	}
}

// An exchange's lines become order lines with the return, and wait for the goods where that is asked for.
func TestExchange(t *testing.T) {
	t.Parallel()
	w := newWorld()
	in := &returns.NewExchange{
		In: []returns.NewLine{of(mugsOut, 2)}, Out: []returns.NewExchangeLine{{SKU: "CUP", Quantity: 2}},
	}
	if refused := in.Check(); refused != nil || in.Send != returns.SendWhenReturned {
		t.Fatal(refused, in.Send)
	}
	by := day.Add(time.Hour)
	cmd := in.Create(orderID)
	cmd.Expected.By = &by
	d, err := w.send(nil, cmd)
	if err != nil {
		t.Fatal(err)
	}
	r := d.State
	w.keep(nil, r)
	add, raise := d.OrderLines()
	x := in.Exchange(60, 1, r, day)
	if len(add) != 1 || len(raise) != 0 || add[0].Title != "CUP" || add[0].Quantity != 2 || x.Name != "#77-X1" ||
		x.Lines[0].LineItemID != add[0].ID {
		t.Errorf("order lines are %+v of %+v", add, x)
	}
	hold := returns.AwaitingReturn(r)
	if hold.Reason != fulfillment.HoldAwaitingReturnItems || hold.ExpiresAt != nil || r.Releases() {
		t.Errorf("the hold is %+v", hold)
	}
	waits := returns.Sent{Units: 2, Working: true, Held: true}
	if got := x.FulfillmentStatus(waits, r); got != returns.ExchangeNotFulfilled {
		t.Error(got)
	}
	w.now = by
	late := w.must(t, r, &returns.Tick{})
	if got := x.FulfillmentStatus(waits, late); got != returns.ExchangeRequiresAction {
		t.Errorf("the goods are overdue, and it is %s", got)
	}
	if done := w.must(t, late, process(late, 2)); !done.Releases() {
		t.Error("all is inspected, and what waits for it is held")
	}
	w.refused(t, r, &returns.Cancel{}) // The customer would have both.
	w.must(t, r, &returns.Cancel{WithExchange: true})
}

// Units of an exchange line that are processed later are added to the order line of the first.
func TestExchangeLinesOfAReturn(t *testing.T) {
	t.Parallel()
	w := newWorld()
	cmd := create(of(mugsOut, 2))
	cmd.ExchangeLines = []returns.NewExchangeLine{{Title: "Cup", UnitPrice: "7", Quantity: 3}}
	r := w.must(t, nil, cmd)
	send := func(n int) *returns.Decision {
		units := []returns.Quantity{{ID: r.ExchangeLines[0].ID, Quantity: n}}
		d, err := w.send(r, &returns.Process{ExchangeLines: units})
		if err != nil {
			t.Fatal(err)
		}
		r = d.State
		return d
	}
	add, raise := send(1).OrderLines()
	if len(add) != 1 || len(raise) != 0 || add[0].Quantity != 1 || add[0].UnitPrice != "7" {
		t.Errorf("first %+v, %+v", add, raise)
	}
	later, raise := send(2).OrderLines()
	if len(later) != 0 || len(raise) != 1 || raise[0] != (returns.Quantity{ID: add[0].ID, Quantity: 2}) {
		t.Errorf("then %+v, %+v", later, raise)
	}
}
