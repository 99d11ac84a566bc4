package fulfillment

import "testing"

// TestCancelReplaces: nobody keeps the ID; the replacement carries the lines over with their IDs.
func TestCancelReplaces(t *testing.T) {
	t.Parallel()
	d := done(t, twoLines(ownLocation, StatusOpen, RequestUnsubmitted), &Cancel{})
	if len(d.State.Lines) > 0 || amounts(d.Siblings[0]) != "11:3/3 12:2/2" ||
		d.Result.SiblingRole != SiblingReplacement {
		t.Errorf("original %q, replacement %q", amounts(d.State), amounts(d.Siblings[0]))
	}
}

// TestCancelKeepsWhatWasShipped: a line that is split in two keeps its ID in the original, so the part in the
// replacement gets one of its own.
func TestCancelKeepsWhatWasShipped(t *testing.T) {
	t.Parallel()
	fo := partShipped(peopleService)
	fo.RequestStatus = RequestCancellationRequested
	d := done(t, fo, &Cancel{})
	if amounts(d.State) != "11:0/1" || amounts(d.Siblings[0]) != "1001:2/2" {
		t.Errorf("original %q, replacement %q", amounts(d.State), amounts(d.Siblings[0]))
	}
}

func TestCancelTellsTheServicesSystem(t *testing.T) {
	t.Parallel()
	d := done(t, automatedRequest(t), &Cancel{})
	if effects(d.State) != "WITHDRAW:DUE" || d.State.Effects[0].For != "fulfillment-order/1#2" || d.State.Finished() {
		t.Errorf("got %+v", d.State.Effects)
	}
	asked := done(t, automatedAccepted(t), &SubmitCancellationRequest{}).State
	if got := effects(done(t, asked, &Cancel{}).State); got != "WITHDRAW:DUE" {
		t.Errorf("after a cancellation request: %s", got)
	}
}

func TestCancelOfACancelledOrderReplacesNothing(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusInProgress, RequestCancellationRequested)
	fo.OrderCancelled = true
	if d := done(t, fo, &Cancel{}); len(d.Siblings) > 0 || amounts(d.State) != "11:0/0-3" {
		t.Errorf("%d siblings, %s", len(d.Siblings), amounts(d.State))
	}
}

func TestCloseOfACancelledOrderCloses(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusInProgress, RequestCancellationRejected)
	fo.OrderCancelled = true
	if d := done(t, fo, &Close{}); d.State.Status != StatusClosed || amounts(d.State) != "11:0/0-3" {
		t.Errorf("%s %s", d.State.Status, amounts(d.State))
	}
}

func TestCloseDropsTheCallToStop(t *testing.T) {
	t.Parallel()
	asked := done(t, automatedAccepted(t), &SubmitCancellationRequest{}).State
	if d := done(t, asked, &Close{}); len(d.State.Effects) > 0 || d.State.RequestStatus != RequestClosed ||
		amounts(d.State) != "11:3/3" {
		t.Errorf("%s, %v", d.State.RequestStatus, d.State.Effects)
	}
}

func TestCancelUnitsOfTheOrder(t *testing.T) {
	t.Parallel()
	d := done(t, partShipped(ownLocation), &CancelUnits{WholeOrder: true})
	if amounts(d.State) != "11:0/1-2" || d.State.Status != StatusClosed || !d.State.OrderCancelled {
		t.Errorf("%s %s", d.State.Status, amounts(d.State))
	}
	if d := done(
		t, inState(ownLocation, StatusOnHold, RequestUnsubmitted), &CancelUnits{WholeOrder: true},
	); len(d.State.Holds) > 0 {
		t.Errorf("holds left: %v", d.State.Holds)
	}
	if d := done(t, automatedRequest(t), &CancelUnits{WholeOrder: true}); effects(d.State) != "WITHDRAW:DUE" {
		t.Errorf("got %s", effects(d.State))
	}
	if d := done(
		t, inState(ownLocation, StatusClosed, RequestUnsubmitted), &CancelUnits{WholeOrder: true},
	); len(d.Transitions) > 0 {
		t.Errorf("a closed one was changed: %s", kinds(d))
	}
	waiting := done(t, automatedAccepted(t), &CancelUnits{WholeOrder: true})
	if effects(waiting.State) != "CANCEL:DUE" || !waiting.State.OrderCancelled {
		t.Errorf("got %s", effects(waiting.State))
	}
	if again := done(t, waiting.State, &CancelUnits{WholeOrder: true}); len(again.Transitions) > 0 {
		t.Errorf("again: %s", kinds(again))
	}
}

func TestRefusedOrderCancellationChangesNothing(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusInProgress, RequestCancellationRejected)
	refused(
		t, fo, &CancelUnits{WholeOrder: true}, CodeInvalidState,
		"Cannot cancel: the fulfillment service refused to stop.",
	)
	if fo.OrderCancelled {
		t.Error("the flag was set")
	}
}

func TestCancelUnitsOfLines(t *testing.T) {
	t.Parallel()
	fo := twoLines(ownLocation, StatusOpen, RequestUnsubmitted)
	d := done(t, fo, &CancelUnits{LineItems: []Quantity{{21, 2}}})
	if amounts(d.State) != "11:1/1-2 12:2/2" || d.State.Status != StatusOpen {
		t.Errorf("%s %s", d.State.Status, amounts(d.State))
	}
	d = done(t, d.State, &CancelUnits{LineItems: []Quantity{{22, 2}, {21, 1}}})
	if amounts(d.State) != "11:0/0-3 12:0/0-2" || d.State.Status != StatusClosed || !d.State.Finished() {
		t.Errorf("%s %s", d.State.Status, amounts(d.State))
	}
	refused(
		t, fo, &CancelUnits{LineItems: []Quantity{{21, 4}}}, CodeInvalid,
		"Line item 21 has fewer units left than are to be taken away.", "lineItems",
	)
	refused(
		t, fo, &CancelUnits{LineItems: []Quantity{{99, 1}}}, CodeLineItemNotFound,
		"Line item 99 is not in this fulfillment order.", "lineItems",
	)
	refused(t, fo, &CancelUnits{}, CodeInvalid, "Name the line items to lower, or the whole order.", "lineItems")
}
