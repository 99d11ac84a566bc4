package fulfillment

import "testing"

// automatedRequest is a request that the service's system was asked for, with the key #2.
func automatedRequest(t *testing.T) *FulfillmentOrder {
	t.Helper()
	return done(t, inState(automatedService, StatusOpen, RequestUnsubmitted), &SubmitFulfillmentRequest{}).State
}

func automatedAccepted(t *testing.T) *FulfillmentOrder {
	t.Helper()
	return done(t, automatedRequest(t), &ProviderAnswer{Key: "fulfillment-order/1#2", Outcome: OutcomeAccepted}).State
}

func TestCancellationRequestCallsASystem(t *testing.T) {
	t.Parallel()
	d := done(t, automatedAccepted(t), &SubmitCancellationRequest{Message: "stop"})
	if effects(d.State) != "CANCEL:DUE" || d.State.Effects[0].For != "fulfillment-order/1#2" ||
		d.State.Effects[0].Key != "fulfillment-order/1#4" {
		t.Errorf("got %+v", d.State.Effects)
	}
	last := d.State.MerchantRequests[len(d.State.MerchantRequests)-1]
	if last.Kind != RequestCancellation || last.Message != "stop" || last.Options == nil || len(last.Options) > 0 {
		t.Errorf("got %+v", last)
	}
	for _, answer := range []Command{&AcceptCancellationRequest{}, &RejectCancellationRequest{}} {
		if left := done(t, d.State, answer).State.Effects; len(left) > 0 {
			t.Errorf("%s left %v", answer.Verb(), left)
		}
	}
}

func TestAcceptedCancellationKeepsTheLines(t *testing.T) {
	t.Parallel()
	d := done(t, inState(peopleService, StatusInProgress, RequestCancellationRequested), &AcceptCancellationRequest{})
	if amounts(d.State) != "11:3/3" || d.State.Status != StatusCancelled {
		t.Errorf("got %s %s", d.State.Status, amounts(d.State))
	}
}

func TestAcceptedCancellationOfACancelledOrderCloses(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusInProgress, RequestCancellationRequested)
	fo.OrderCancelled = true
	d := done(t, fo, &AcceptCancellationRequest{})
	if amounts(d.State) != "11:0/0-3" || d.State.Status != StatusClosed ||
		d.State.RequestStatus != RequestCancellationAccepted {
		t.Errorf("got %s/%s %s", d.State.Status, d.State.RequestStatus, amounts(d.State))
	}
}
