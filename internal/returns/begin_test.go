package returns_test

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

func TestBeginIsRefused(t *testing.T) {
	t.Parallel()
	without := returns.NewLine{FulfillmentLineID: mugsOut, Quantity: 1}
	other := returns.NewLine{FulfillmentLineID: mugsOut, Quantity: 1, Reason: returns.ReasonOther}
	const invalid = "Return line item has an invalid quantity."
	for name, test := range map[string]struct {
		cmd     returns.Command
		code    fulfillment.Code
		field   string
		message string
	}{
		"unknown_line": {create(of(mugsOut, 1), of(99, 1)), returns.CodeNotFound,
			"returnInput.returnLineItems.1.fulfillmentLineItemId", "Fulfillment Line Item was not found."},
		"unknown_line_of_a_request": {request(of(99, 1)), returns.CodeNotFound,
			"input.returnLineItems.0.fulfillmentLineItemId", "Fulfillment Line Item was not found."},
		"line_of_a_shipment_taken_back": {create(of(old, 1)), returns.CodeNotFound,
			"returnInput.returnLineItems.0.fulfillmentLineItemId", "Fulfillment Line Item was not found."},
		"too_many": {request(of(mugsOut, 4)), returns.CodeInvalid, "input.returnLineItems.0.quantity", invalid},
		"too_many_in_two_lines": {create(of(mugsOut, 2), of(mugsOut, 2)), returns.CodeInvalid,
			"returnInput.returnLineItems.1.quantity", invalid},
		"no_units": {create(of(mugsOut, 0)), returns.CodeInvalid, "returnInput.returnLineItems.0.quantity", invalid},
		"no_reason": {create(without), returns.CodeNotFound, "returnInput.returnLineItems.0",
			"Return line items Either return reason or return reason definition must be provided"},
		"no_reason_of_a_request": {request(without), returns.CodeBlank, "input.returnLineItems.0.returnReason",
			"Return reason can't be blank"},
		"other_without_a_note": {create(other), returns.CodeBlank, "returnInput.returnLineItems.0.returnReasonNote",
			`Return line items return reason note The note is required when the return reason is "Other"`},
		"no_lines":     {create(), returns.CodeBlank, "returnInput.returnLineItems", ""},
		"no_order":     {&returns.Create{}, returns.CodeNotFound, "returnInput.orderId", "Order was not found."},
		"too_many_all": {request(make([]returns.NewLine, 251)...), returns.CodeInvalid, "input.returnLineItems", ""},
		"no_percentage": {
			create(returns.NewLine{FulfillmentLineID: mugsOut, Quantity: 1, Reason: "STYLE",
				RestockingFee: &returns.RestockingFee{Percentage: "100.1"}}),
			returns.CodeInvalid, "returnInput.returnLineItems.0.restockingFee.percentage", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := newWorld().refused(t, nil, test.cmd)
			if strings.Join(refused.Field, ".") != test.field || refused.Code != test.code ||
				test.message != "" && refused.Message != test.message {
				t.Errorf("%s at %v: %s", refused.Code, refused.Field, refused.Message)
			}
		})
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	w := newWorld()
	other := returns.NewLine{FulfillmentLineID: mugsOut, Quantity: 1, Reason: returns.ReasonOther}
	defined := returns.NewLine{FulfillmentLineID: mugsOut, Quantity: 1, DefinitionID: 5}
	w.must(t, nil, request(other))
	w.must(t, nil, request(defined))
	r := w.must(t, nil, create(returns.NewLine{FulfillmentLineID: mugsOut, Quantity: 1, DefinitionID: 7}))
	if got := r.Lines[0].Reason; got != "SIZE_TOO_SMALL" {
		t.Errorf("the definition Too small is the reason %s", got)
	}
	for _, reason := range returns.Reasons {
		if _, ok := returns.DefinitionFor(reason); !ok {
			t.Errorf("no definition says %s", reason)
		}
	}
}

func TestLivingReturnsTakeUnits(t *testing.T) {
	t.Parallel()
	for _, status := range returns.Statuses {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.inStatus(t, status) // two of three
			left := map[fulfillment.ID]int{}
			for _, f := range returns.Returnable(w.facts().Shipments, w.returns) {
				for _, l := range f.Lines {
					left[l.ID] = l.Left
				}
			}
			want := 3
			if status.Living() {
				want = 1
				w.refused(t, nil, create(of(mugsOut, 2)))
			}
			if left[mugsOut] != want || left[hatsOut] != 2 || left[old] != 0 {
				t.Errorf("left are %v", left)
			}
			w.must(t, nil, create(of(mugsOut, want)))
		})
	}
}

func TestSharedShipmentIsOne(t *testing.T) {
	t.Parallel()
	list := returns.Returnable(newWorld().facts().Shipments, nil)
	if len(list) != 2 || list[0].FulfillmentID != shared || len(list[0].Lines) != 2 || list[1].FulfillmentID != alone {
		t.Errorf("returnable is %+v", list)
	}
}

func TestNamesCountDeclinedReturns(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.inStatus(t, returns.StatusDeclined)
	if r := w.inStatus(t, returns.StatusOpen); r.Name != "#77-R2" {
		t.Error(r.Name)
	}
}

func TestReturnStatusOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		want     returns.OrderReturnStatus
		statuses []returns.Status
	}{
		{returns.NoReturn, nil},
		{returns.NoReturn, []returns.Status{returns.StatusDeclined, returns.StatusCanceled}},
		{returns.Returned, []returns.Status{returns.StatusDeclined, returns.StatusClosed}},
		{returns.ReturnInProgress, []returns.Status{returns.StatusClosed, returns.StatusOpen}},
		{returns.ReturnRequested, []returns.Status{returns.StatusOpen, returns.StatusRequested}},
	} {
		var list []*returns.Return
		for _, s := range test.statuses {
			list = append(list, &returns.Return{Status: s})
		}
		if got := returns.ReturnStatusOf(list); got != test.want {
			t.Errorf("%v are %s, not %s", test.statuses, got, test.want)
		}
	}
}

func TestReturnsStandInTheWay(t *testing.T) {
	t.Parallel()
	for _, status := range returns.Statuses {
		w := newWorld()
		r := w.inStatus(t, status)
		order, shipment := returns.MayCancelOrder(w.returns), returns.MayCancelShipment(shared, w.returns, "id")
		if (order != nil) != status.Living() || (shipment != nil) != status.Living() {
			t.Errorf("%s: %v, %v", status, order, shipment)
		}
		if shipment != nil && !strings.Contains(shipment.Message, r.Name) {
			t.Errorf("%s does not name %s", shipment.Message, r.Name)
		}
		if refused := returns.MayCancelShipment(alone, w.returns); refused != nil {
			t.Error(refused)
		}
	}
}

func TestServiceSeesItsOwnReturns(t *testing.T) {
	t.Parallel()
	w := newWorld()
	service := fulfillment.Actor{Role: fulfillment.RoleService, ServiceID: warehouse}
	r := w.inStatus(t, returns.StatusOpen)
	scan := receive(r, 1)
	scan.Actor = service
	w.must(t, r, scan)
	closing := &returns.Close{}
	closing.Actor = service
	if refused := w.refused(t, r, closing); refused.Code != returns.CodeAccessDenied {
		t.Error(refused)
	}
	elsewhere := w.must(t, nil, create(of(engravingOut, 1)))
	scan = receive(elsewhere, 1)
	scan.Actor = service
	if refused := w.refused(t, elsewhere, scan); refused.Code != returns.CodeAccessDenied {
		t.Error(refused)
	}
}

func TestOneKeyIsOneReturn(t *testing.T) {
	t.Parallel()
	w := newWorld()
	cmd := create(of(mugsOut, 3))
	cmd.CommandID, cmd.FirstID = "key", returns.IDFor(orderID, "key")
	facts := w.facts()
	d, err := returns.Decide(nil, cmd, returns.Env{Now: day, Facts: facts})
	if err != nil || d.State.ID != returns.IDFor(orderID, "key") {
		t.Fatal(d, err)
	}
	again, err := returns.Decide(d.State, cmd, returns.Env{Now: day.AddDate(0, 1, 0)})
	if err != nil || !again.Repeated || text(t, again.Result) != text(t, d.Result) {
		t.Errorf("sent again: %+v, %v", again, err)
	}
	other := create(of(mugsOut, 2))
	other.CommandID = "key"
	if refused := w.refused(t, d.State, other); refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Error(refused)
	}
	if returns.IDFor(orderID, "key") == returns.IDFor(orderID+1, "key") {
		t.Error("two orders have one return")
	}
}
