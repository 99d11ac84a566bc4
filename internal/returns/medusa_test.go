package returns_test

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// TestMedusaCases are Medusa's own cases of returns, swaps and claims, by their numbers: what becomes of them here.
func TestMedusaCases(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(t *testing.T){
		"104_two_returns_take_1_2_1": func(t *testing.T) {
			w := worldOf(1, 2, 1)
			w.must(t, nil, request(of(mugsOut, 1), of(hatsOut, 1), of(engravingOut, 1)))
			w.must(t, nil, request(of(hatsOut, 1)))
			taken := returns.Taken(w.returns)
			if taken[mugsOut] != 1 || taken[hatsOut] != 2 || taken[engravingOut] != 1 {
				t.Errorf("taken are %v", taken)
			}
			if left := returns.Returnable(w.facts().Shipments, w.returns); len(left) != 0 {
				t.Errorf("left are %+v", left)
			}
		},
		"105_received_in_parts": func(t *testing.T) {
			w := worldOf(1, 2, 1)
			first := w.must(t, nil, create(of(mugsOut, 1), of(hatsOut, 1), of(engravingOut, 1)))
			second := w.must(t, nil, create(of(hatsOut, 1)))
			scan := func(r *returns.Return, lines ...int) *returns.Return {
				cmd := &returns.Receive{}
				for _, n := range lines {
					cmd.Lines = append(cmd.Lines, returns.ReceivedUnits{ReturnLineID: r.Lines[n].ID, Quantity: 1})
				}
				return w.must(t, r, cmd)
			}
			expect := func(want fulfillment.OrderFulfillmentStatus) {
				t.Helper()
				if got := returns.FulfillmentStatus(w.view(), w.returns, nil, nil); got != want {
					t.Errorf("the order is %s, not %s", got, want)
				}
			}
			first = scan(first, 0)
			expect(fulfillment.OrderStatusPartiallyReturned)
			scan(first, 1, 2)
			expect(fulfillment.OrderStatusPartiallyReturned)
			scan(second, 0)
			expect(fulfillment.OrderStatusReturned)
			back := returns.ReturnedUnits(w.returns)
			if back[mugs] != 1 || back[hats] != 2 || back[engraving] != 1 {
				t.Errorf("back are %v", back)
			}
		},
		"107_two_of_one": func(t *testing.T) {
			refused := worldOf(1, 2, 1).refused(t, nil, request(of(mugsOut, 2)))
			if refused.Message != "Return line item has an invalid quantity." {
				t.Error(refused)
			}
		},
		"108_without_a_line_and_with_an_unknown_one": func(t *testing.T) {
			for _, line := range []fulfillment.ID{0, 333} {
				refused := newWorld().refused(t, nil, request(of(line, 1)))
				if refused.Message != "Fulfillment Line Item was not found." {
					t.Error(refused)
				}
			}
		},
		"110_one_is_damaged_and_one_goes_to_stock": func(t *testing.T) {
			w := newWorld()
			r := w.must(t, nil, create(of(mugsOut, 2)))
			scan := receive(r, 2)
			scan.Differences = []returns.DifferenceInput{{Kind: returns.DifferenceDamaged, Quantity: 1}}
			r = w.must(t, r, scan)
			inspect := process(r, 2)
			inspect.Lines[0].Dispositions = []returns.DisposeUnits{
				{Quantity: 1, Type: returns.Restocked, LocationID: berlin}, {Quantity: 1, Type: returns.NotRestocked},
			}
			d, err := w.send(r, inspect)
			if err != nil {
				t.Fatal(err)
			}
			if got := restocked(d); got != 1 {
				t.Errorf("%d go to stock", got)
			}
			if l := d.State.Lines[0]; l.Unprocessed() != 0 || l.Received != 2 || l.Differences[0].Quantity != 1 {
				t.Errorf("line is %+v", l)
			}
		},
		"111_receive_nothing": func(t *testing.T) {
			w := newWorld()
			r := w.must(t, nil, create(of(mugsOut, 2)))
			if refused := w.refused(t, r, receive(r, 0)); refused.Code != returns.CodeGreaterThan {
				t.Error(refused)
			}
		},
		"112_a_declined_request_is_not_approved": func(t *testing.T) {
			w := newWorld()
			w.refused(t, w.inStatus(t, returns.StatusDeclined), &returns.Approve{})
			if refused := w.refused(t, nil, &returns.Approve{}); refused.Message != "Return not found." {
				t.Error(refused)
			}
		},
		"113_without_lines": func(t *testing.T) {
			if refused := newWorld().refused(t, nil, request()); refused.Code != returns.CodeBlank {
				t.Error(refused)
			}
		},
		"114_work_for_who_ships_it_back": func(t *testing.T) {
			w := newWorld()
			r := w.inStatus(t, returns.StatusRequested)
			d, err := w.send(r, &returns.Approve{})
			if err != nil || d.State.Work[0].ServiceID != warehouse ||
				!slices.Equal(d.Transitions[0].Topics, []string{returns.TopicApprove}) {
				t.Errorf("%+v, %v", d, err)
			}
		},
		"115_an_unknown_reason": func(t *testing.T) { // Definitions have no others below them.
			line := returns.NewLine{FulfillmentLineID: mugsOut, Quantity: 1, DefinitionID: 11}
			if refused := newWorld().refused(t, nil, request(line)); refused.Code != returns.CodeNotFound {
				t.Error(refused)
			}
		},
		"116_no_more_comes_back_than_the_order_has_cost": func(t *testing.T) {
			w := newWorld()
			w.must(t, nil, create(of(mugsOut, 2), of(hatsOut, 2)))
			w.must(t, nil, create(of(mugsOut, 1), of(engravingOut, 1)))
			var totals []string
			for _, r := range w.returns {
				totals = append(totals, r.Amounts(w.facts()).Total)
			}
			cost := w.facts().Order.Totals(nil).Total
			if got := strings.Join(totals, " "); got != "-80.65 -15.82" || cost != "96.47" {
				t.Errorf("%s of %s", got, cost)
			}
		},
		"117_a_label_does_not_stand_in_the_way_of_cancelling": func(t *testing.T) { // There, nothing helps.
			w := newWorld()
			r := w.must(t, w.inStatus(t, returns.StatusOpen), &returns.CreateDelivery{})
			if r = w.must(t, r, &returns.Cancel{}); r.Status != returns.StatusCanceled {
				t.Error(r.Status)
			}
		},
		"118_received_is_not_cancelled": func(t *testing.T) {
			w := newWorld()
			r := w.inStatus(t, returns.StatusOpen)
			w.refused(t, w.must(t, r, receive(r, 1)), &returns.Cancel{})
		},
		"120_a_label_is_made_once_for_one_key": func(t *testing.T) { // With another key it is another parcel.
			w := newWorld()
			r := w.inStatus(t, returns.StatusOpen)
			cmd := &returns.CreateDelivery{}
			cmd.CommandID = "label"
			r = w.must(t, r, cmd)
			if r = w.must(t, r, cmd); len(r.Work[0].Deliveries) != 1 {
				t.Errorf("parcels are %+v", r.Work[0].Deliveries)
			}
		},
		"122_nothing_is_shipped_or_all_is_back": func(t *testing.T) {
			w := newWorld()
			facts := w.facts()
			facts.Shipments = nil
			_, err := returns.Decide(nil, create(of(mugsOut, 1)), returns.Env{Now: day, Facts: facts})
			if err == nil {
				t.Error("what was not shipped comes back")
			}
			w.must(t, nil, create(of(mugsOut, 3)))
			w.refused(t, nil, create(of(mugsOut, 1)))
		},
		"123_stock_has_one_more_at_the_location": func(t *testing.T) {
			w := newWorld()
			r := w.inStatus(t, returns.StatusOpen)
			d, err := w.send(r, dispose(r, 1, returns.Restocked))
			if err != nil {
				t.Fatal(err)
			}
			got := d.Transitions[0].Details.Dispositions[0]
			if got.LocationID != berlin || got.SKU != "MUG" || got.Quantity != 1 || got.LineItemID != mugs {
				t.Errorf("a stock hears of %+v", got)
			}
		},
		"124_an_exchange_needs_both": func(t *testing.T) {
			const want = "Order exchange request should have at least 1 item inbound and 1 item outbound"
			for _, in := range []*returns.NewExchange{
				{In: []returns.NewLine{of(mugsOut, 1)}},
				{Out: []returns.NewExchangeLine{{Title: "Cup", Quantity: 1}}},
			} {
				if refused := in.Check(); refused == nil || refused.Message != want {
					t.Error(refused)
				}
			}
		},
		"125_a_cancelled_exchange": func(t *testing.T) {
			w := newWorld()
			x := &returns.Exchange{}
			sent := returns.Sent{Units: 1, Working: true}
			if refused := x.MayCancel(sent, w.inStatus(t, returns.StatusOpen)); refused != nil {
				t.Error(refused)
			}
			x.CanceledAt = new(day)
			if got := x.FulfillmentStatus(sent, nil); got != returns.ExchangeCanceled {
				t.Error(got)
			}
			sent.Packed = 1
			if x.MayCancel(sent, nil) == nil {
				t.Error("what went out is called off")
			}
		},
		"127_a_claims_replacement_becomes_order_lines": func(t *testing.T) {
			w := newWorld()
			in := claim(func(c *returns.NewClaim) { c.Return, c.Replacement[0].Quantity = true, 2 })
			if refused := in.Check(w.facts()); refused != nil {
				t.Fatal(refused)
			}
			r := w.must(t, nil, in.Create(orderID))
			if r.Lines[0].Reason != "WRONG_ITEM" || len(r.ExchangeLines) != 0 {
				t.Errorf("its return is %+v", r)
			}
			lines := in.OrderLines(fulfillment.NewIDs(70))
			c := in.Claim(69, 1, lines, r, w.facts(), day)
			if lines[0].SKU != "MUG" || lines[0].Quantity != 2 || c.Name != "#77-C1" || c.ReturnID != r.ID ||
				c.Replacement[0] != (returns.Outbound{LineItemID: 70, Quantity: 2}) {
				t.Errorf("lines are %+v of %+v", lines, c)
			}
		},
		"128_a_cancelled_claim": func(t *testing.T) {
			c := &returns.Claim{Type: returns.ClaimReplace}
			sent := returns.Sent{Units: 2, Working: true}
			if refused := c.MayCancel(sent, nil); refused != nil {
				t.Error(refused)
			}
			c.CanceledAt = new(day)
			if got := c.FulfillmentStatus(sent, nil); got != returns.ClaimCanceled {
				t.Error(got)
			}
		},
		"129_a_claim_without_items": func(t *testing.T) {
			in := claim(func(c *returns.NewClaim) { c.Lines = nil })
			refused := in.Check(newWorld().facts())
			if refused == nil || refused.Message != "Order claim request should have at least 1 item" {
				t.Error(refused)
			}
		},
		"130_what_is_no_claim_has_four_texts": func(t *testing.T) {
			texts := map[string]bool{}
			for name, spoil := range map[string]func(*returns.NewClaim){
				"type":        func(c *returns.NewClaim) { c.Type = "RETURN" },
				"replacement": func(c *returns.NewClaim) { c.Replacement = nil },
				"refund":      func(c *returns.NewClaim) { c.RefundAmount = "1" },
				"items":       func(c *returns.NewClaim) { c.Lines = nil },
			} {
				refused := claim(spoil).Check(newWorld().facts())
				if refused == nil {
					t.Errorf("%s is accepted", name)
					continue
				}
				texts[refused.Message] = true
			}
			if len(texts) != 4 {
				t.Error(texts)
			}
		},
		"131_a_refund_is_not_sent": func(t *testing.T) {
			c := &returns.Claim{Type: returns.ClaimRefund}
			refused := c.MayFulfill(returns.Sent{})
			if refused == nil || refused.Message != `Claims with the type "refund" can not be fulfilled.` {
				t.Error(refused)
			}
		},
		"132_sent_once": func(t *testing.T) {
			all, back := returns.Sent{Units: 1, Packed: 1}, returns.Sent{Units: 1, AllTakenBack: true}
			c, x := &returns.Claim{Type: returns.ClaimReplace}, &returns.Exchange{}
			if refused := c.MayFulfill(all); refused == nil ||
				refused.Message != "The claim has already been fulfilled." {
				t.Error(refused)
			}
			if refused := x.MayFulfill(all); refused == nil || refused.Message != "The swap was already fulfilled" {
				t.Error(refused)
			}
			if c.MayFulfill(back) != nil || x.MayFulfill(back) != nil || x.FulfillmentStatus(back, nil) != "canceled" {
				t.Error("what was taken back is not sent again")
			}
		},
		"133_a_part_requires_action": func(t *testing.T) {
			part := returns.Sent{Units: 2, Packed: 1}
			c, x := &returns.Claim{Type: returns.ClaimReplace}, &returns.Exchange{}
			if got := c.FulfillmentStatus(part, nil); got != returns.ClaimRequiresAction {
				t.Error(got)
			}
			if got := x.FulfillmentStatus(part, nil); got != returns.ExchangeRequiresAction {
				t.Error(got)
			}
		},
		"135_an_exchange_of_what_was_not_sent": func(t *testing.T) { // An unpaid order can be returned, as recorded.
			w := newWorld()
			in := &returns.NewExchange{
				In: []returns.NewLine{of(old, 1)}, Out: []returns.NewExchangeLine{{Title: "Cup", Quantity: 1}},
			}
			if refused := in.Check(); refused != nil {
				t.Fatal(refused)
			}
			w.refused(t, nil, in.Create(orderID))
			in.In = []returns.NewLine{of(mugsOut, 1)}
			w.must(t, nil, in.Create(orderID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// claim is one for a replacement, spoilt.
func claim(spoil func(*returns.NewClaim)) *returns.NewClaim {
	in := &returns.NewClaim{
		Type: returns.ClaimReplace,
		Lines: []returns.ClaimLine{{
			FulfillmentLineID: mugsOut, Quantity: 1, Reason: returns.ClaimWrongItem,
			Images: []string{"https://images.test/1.jpg"},
		}},
		Replacement: []returns.NewExchangeLine{{Title: "Mug", SKU: "MUG", Quantity: 1}},
	}
	spoil(in)
	return in
}

// restocked is how many units a decision puts to stock.
func restocked(d *returns.Decision) int {
	n := 0
	for _, t := range d.Transitions {
		if t.Details == nil {
			continue
		}
		for _, one := range t.Details.Dispositions {
			if one.Type == returns.Restocked {
				n += one.Quantity
			}
		}
	}
	return n
}

// view is the order as its fulfillment orders show it: all of it was shipped.
func (w *world) view() fulfillment.OrderView {
	v := fulfillment.OrderView{Fulfillments: []fulfillment.FulfillmentView{{PackedAt: &day, ShippedAt: &day}}}
	for _, f := range w.facts().Shipments {
		if f.Status != fulfillment.FulfillmentSuccess {
			continue
		}
		for _, l := range f.Lines {
			v.Fulfillments[0].Lines = append(v.Fulfillments[0].Lines, l)
			v.Lines = append(v.Lines, fulfillment.OrderLineView{LineItemID: l.LineItemID, Ordered: l.Quantity})
		}
	}
	return v
}
