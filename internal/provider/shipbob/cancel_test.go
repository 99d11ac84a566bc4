package shipbob_test

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

func asked(c provider.Cancellation) provider.Query {
	return provider.Query{
		Key: c.Key, Kind: fulfillment.EffectCancel, RequestKey: c.RequestKey, Reference: c.Reference,
		FulfillmentOrderID: c.FulfillmentOrderID, ServiceID: c.ServiceID,
	}
}

// TestCancel: the body decides, whatever the status of the answer is; and the order says the same afterwards.
func TestCancel(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) *shipbobtest.Fault {
		return &shipbobtest.Fault{
			Operation: "POST /order/{id}:cancel", Do: shipbobtest.FaultAnswer, Status: status, Body: body,
		}
	}
	for name, c := range map[string]struct {
		before func(w world, reference string)
		fault  *shipbobtest.Fault
		want   fulfillment.Outcome
		class  provider.Class
		found  int // by a lookup afterwards
	}{
		"success": {want: fulfillment.OutcomeAccepted, found: 1},
		"failure": {
			before: func(w world, ref string) { w.server.Keep(ref, 0) }, want: fulfillment.OutcomeRejected,
		},
		"has left": {
			before: func(w world, ref string) { w.server.Complete(ref, 0, "1Z") }, want: fulfillment.OutcomeRejected,
		},
		"some go on": {
			before: func(w world, ref string) {
				w.server.Split(ref, map[string]int{"MUG": 2}, map[string]int{"TEE": 1})
				w.server.Complete(ref, 1, "1Z")
			},
			want: fulfillment.OutcomeAccepted,
		},
		"cancelled already": {
			before: func(w world, ref string) { w.server.Status(ref, 0, "Cancelled") },
			want:   fulfillment.OutcomeAccepted, found: 1,
		},
		"unknown verdict":       {fault: answer(200, `{"status":"Perhaps"}`), want: fulfillment.OutcomeRejected},
		"no verdict":            {fault: answer(200, `{}`), want: fulfillment.OutcomeRejected},
		"success of nothing":    {fault: answer(200, `{"status":"Success","canceled_shipment_results":[{"shipment_id":1,"is_success":false,"reason":"packed"}]}`), want: fulfillment.OutcomeRejected},
		"404":                   {fault: answer(404, ``), want: fulfillment.OutcomeRejected},
		"422":                   {fault: answer(422, `{"":["Too late."]}`), want: fulfillment.OutcomeRejected},
		"500":                   {fault: answer(500, ``), class: provider.UnknownOutcome},
		"429":                   {fault: answer(429, ``), class: provider.Retryable},
		"reset after":           {fault: &shipbobtest.Fault{Operation: "POST /order/{id}:cancel", Do: shipbobtest.FaultReset, After: true}, class: provider.UnknownOutcome, found: 1},
		"partial without lists": {fault: answer(200, `{"status":"PartialSuccess"}`), want: fulfillment.OutcomeParked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := request(1)
			created := w.create(t, r)
			if c.before != nil {
				c.before(w, reference(r))
			}
			if c.fault != nil {
				w.server.Fail(*c.fault)
			}
			cancel := cancellation(r)
			cancel.Reference = created.Reference
			got, err := w.Cancel(t.Context(), cancel)
			if got.Outcome != c.want || provider.Classify(err) != c.class {
				t.Errorf("%+v, %v; want %s%s", got, err, c.want, c.class)
			}
			if c.class == provider.Retryable {
				return // ShipBob wants no calls for a while.
			}
			if found := w.lookup(t, asked(cancel)); len(found) != c.found {
				t.Errorf("a lookup finds %+v, want %d", found, c.found)
			}
		})
	}
}

// TestCancelInParts: which shipments ShipBob stops says which units are stopped, also when it was asked before and its
// answer was lost.
func TestCancelInParts(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"at once": false, "asked again": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := request(1)
			w.create(t, r)
			w.server.Split(reference(r), map[string]int{"MUG": 1}, map[string]int{"MUG": 1, "TEE": 1})
			w.server.Complete(reference(r), 0, "1Z")
			if again {
				w.server.Fail(shipbobtest.Fault{
					Operation: "POST /order/{id}:cancel", Do: shipbobtest.FaultReset, After: true,
				})
				if _, err := w.Cancel(t.Context(), cancellation(r)); provider.Classify(err) != provider.UnknownOutcome {
					t.Fatal(err)
				}
				if found := w.lookup(t, asked(cancellation(r))); len(found) != 0 {
					t.Errorf("a part that is cancelled is no answer to it: %+v", found)
				}
			}
			got, err := w.Cancel(t.Context(), cancellation(r))
			want := []provider.Part{{LineID: r.Lines[0].LineID, Quantity: 1}, {LineID: r.Lines[1].LineID, Quantity: 1}}
			if err != nil || got.Outcome != fulfillment.OutcomeAccepted || !slices.Equal(got.Accepted, want) {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
			if !strings.Contains(got.Message, fulfillment.ID(w.server.Shipments(reference(r))[0]).String()) {
				t.Errorf("%q does not say what goes on", got.Message)
			}
		})
	}
}

// TestCancelSaysWhichShipments: when nobody can tell which units they have, a person who has to decide reads what is
// stopped and what is not.
func TestCancelSaysWhichShipments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	// Where the other mug is, nobody says.
	w.server.Split(reference(r), map[string]int{"MUG": 1}, map[string]int{"TEE": 1})
	w.server.Complete(reference(r), 1, "1Z")
	got, err := w.Cancel(t.Context(), cancellation(r)) // By the reference: ShipBob's own name is not known.
	if err != nil || got.Outcome != fulfillment.OutcomeParked {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, id := range w.server.Shipments(reference(r)) {
		if !strings.Contains(got.Message, fulfillment.ID(id).String()) {
			t.Errorf("%q does not name the shipment %d", got.Message, id)
		}
	}
}

// TestWithdrawWhatIsNotThere: a request that ShipBob does not have can be forgotten, but not before its list must have
// it; what the list has by then is cancelled.
func TestWithdrawWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]bool{"never sent": false, "not in the list yet": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.Lag = shipbob.DefaultSettle / 2
			r := request(1)
			if sent {
				w.create(t, r)
			}
			withdrawal := cancellation(r)
			withdrawal.Withdraw = true
			_, err := w.Cancel(t.Context(), withdrawal)
			if provider.Classify(err) != provider.Retryable || provider.RetryAfter(err) != shipbob.DefaultSettle {
				t.Fatalf("at first: %v, again in %s", err, provider.RetryAfter(err))
			}
			w.clock.pass(provider.RetryAfter(err))
			answer, err := w.Cancel(t.Context(), withdrawal)
			if err != nil || answer.Outcome != fulfillment.OutcomeAccepted {
				t.Errorf("when the list must have it: %+v, %v", answer, err)
			}
			if asked := w.server.Asked("POST /order/{id}:cancel"); asked > 0 != sent {
				t.Errorf("it was cancelled %d times", asked)
			}
		})
	}
	w := newWorld(t)
	if answer, err := w.Cancel(t.Context(), cancellation(request(2))); err != nil ||
		answer.Outcome != fulfillment.OutcomeRejected {
		t.Errorf("a cancellation of what was accepted, and is not there: %+v, %v", answer, err)
	}
}
