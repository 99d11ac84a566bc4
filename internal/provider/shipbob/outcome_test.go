package shipbob_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// TestOutcomes: what an order says of its request, status by status.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]fulfillment.Outcome{
		"Processing": fulfillment.OutcomeAccepted, "Exception": fulfillment.OutcomeAccepted,
		"PartiallyFulfilled": fulfillment.OutcomeAccepted, "Fulfilled": fulfillment.OutcomeAccepted,
		"ImportReview": fulfillment.OutcomePending, "Cancelled": fulfillment.OutcomeRejected,
		"SomethingNew": fulfillment.OutcomeAccepted, "": fulfillment.OutcomeAccepted,
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.Check = nil
			r := request(1)
			created := w.create(t, r)
			ships := began.Add(24 * time.Hour)
			if created.Outcome != fulfillment.OutcomeAccepted || created.Reference == "" ||
				created.EstimatedShippedAt == nil || !created.EstimatedShippedAt.Equal(ships) {
				t.Errorf("created: %+v, want it accepted, shipped by %s", created, ships)
			}
			w.server.Put(reference(r), func(o *shipbobtest.Order) { o.Status = status })
			found := w.lookup(t, query(r))
			if len(found) != 1 || found[0].Answer.Outcome != want || found[0].Reference != created.Reference {
				t.Errorf("%q is %+v, want %s", status, found, want)
			}
		})
	}
}

// TestFailuresOfCreate: what each failure of POST order is for the next attempt.
func TestFailuresOfCreate(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) shipbobtest.Fault {
		return shipbobtest.Fault{Do: shipbobtest.FaultAnswer, Status: status, Body: body}
	}
	for name, c := range map[string]struct {
		fault shipbobtest.Fault
		want  provider.Class
		after time.Duration
	}{
		"reset":                     {shipbobtest.Fault{Do: shipbobtest.FaultReset}, provider.UnknownOutcome, 0},
		"reset after the effect":    {shipbobtest.Fault{Do: shipbobtest.FaultReset, After: true}, provider.UnknownOutcome, 0},
		"cut after the effect":      {shipbobtest.Fault{Do: shipbobtest.FaultCut, After: true}, provider.UnknownOutcome, 0},
		"500":                       {answer(500, `{"":["oops"]}`), provider.UnknownOutcome, 0},
		"502 with a page":           {answer(502, "<html>Bad Gateway</html>"), provider.UnknownOutcome, 0},
		"201 that says nothing":     {answer(201, `{}`), provider.UnknownOutcome, 0},
		"201 that is no JSON":       {answer(201, `ok`), provider.UnknownOutcome, 0},
		"429":                       {answer(429, `{"statusCode":429,"message":"Rate limit is exceeded."}`), provider.Retryable, 7 * time.Second},
		"401":                       {answer(401, ``), provider.Permanent, 0},
		"403":                       {answer(403, ``), provider.Permanent, 0},
		"404":                       {answer(404, ``), provider.Permanent, 0},
		"302":                       {answer(302, ``), provider.Permanent, 0},
		"422 of an order not found": {answer(422, `{"":["Cannot insert order with existing ReferenceId"]}`), provider.UnknownOutcome, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.fault.Operation = "POST /order"
			w.server.Fail(c.fault)
			got, err := w.Create(t.Context(), request(1))
			if provider.Classify(err) != c.want || provider.RetryAfter(err) != c.after {
				t.Errorf("%+v, %v (%s, after %s); want %s after %s", got, err, provider.Classify(err),
					provider.RetryAfter(err), c.want, c.after)
			}
			if err != nil && strings.Contains(err.Error(), shipbobtest.Token) {
				t.Errorf("the token is in %q", err)
			}
		})
	}
}

// TestNoConnection: what never reached ShipBob has done nothing.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(t, request(1)) // Methods and channel are known from here on.
	w.server.Close()
	if _, err := w.Create(t.Context(), request(2)); provider.Classify(err) != provider.Retryable {
		t.Errorf("%v is %s, want it retryable", err, provider.Classify(err))
	}
}

// TestRefusals: a refusal of an order that is not there becomes a rejection, by the field that it is about.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   fulfillment.RejectionReason
		line   fulfillment.ID
	}{
		"product":     {422, `{"Products[1].ReferenceId":["The product is not known."]}`, "INVALID_SKU", 12},
		"product dot": {400, `{"products.0.reference_id":["bad"]}`, "INVALID_SKU", 11},
		"address":     {422, `{"Recipient.Address.ZipCode":["The zip code is not of this state."]}`, "INCORRECT_ADDRESS", 0},
		"e-mail":      {400, `{"Recipient.Email":["is not valid"]}`, "INVALID_CONTACT_INFORMATION", 0},
		"phone":       {400, `{"Recipient.PhoneNumber":["is not valid"]}`, "INVALID_CONTACT_INFORMATION", 0},
		"list":        {422, `{"errors":["No."]}`, fulfillment.RejectOther, 0},
		"problem":     {400, `{"title":"Bad","errors":{"Recipient.Address.City":["missing"]}}`, "INCORRECT_ADDRESS", 0},
		"text":        {400, `"No."`, fulfillment.RejectOther, 0},
		"nothing":     {422, ``, fulfillment.RejectOther, 0},
		"a page":      {400, `<html>`, fulfillment.RejectOther, 0},
		"odd":         {400, `{"a":{"b":{"c":{"d":{"e":{"f":["deep"]}}}}},"n":7,"x":null}`, fulfillment.RejectOther, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.Fail(shipbobtest.Fault{
				Operation: "POST /order", Do: shipbobtest.FaultAnswer, Status: c.status, Body: c.body,
			})
			got := w.create(t, request(1))
			if got.Outcome != fulfillment.OutcomeRejected || got.Reason != c.want ||
				(c.line != 0) != (len(got.Lines) == 1) || c.line != 0 && got.Lines[0].LineID != c.line {
				t.Errorf("%+v, want it rejected for %s with line %d", got, c.want, c.line)
			}
		})
	}
}

// TestUnfitIsNotSent: what ShipBob can't take is refused in words about our own lines.
func TestUnfitIsNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	noSKU, nowhere := request(1), request(2)
	noSKU.Lines[1].SKU = " "
	nowhere.Destination = nil
	got := w.create(t, noSKU)
	if got.Outcome != fulfillment.OutcomeRejected || got.Reason != "INVALID_SKU" || len(got.Lines) != 1 ||
		got.Lines[0].LineID != 12 {
		t.Errorf("without a SKU: %+v", got)
	}
	if got := w.create(t, nowhere); got.Outcome != fulfillment.OutcomeRejected || got.Reason != "INCORRECT_ADDRESS" {
		t.Errorf("without an address: %+v", got)
	}
	if n := w.server.Asked("POST /order"); n != 0 {
		t.Errorf("%d orders were sent", n)
	}
}

// TestAdopts: a reference that ShipBob has already is not an error; what is there is the answer.
func TestAdopts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	first := w.create(t, r)
	if second := w.create(t, r); second.Reference != first.Reference || second.Outcome != fulfillment.OutcomeAccepted {
		t.Errorf("first %+v, second %+v", first, second)
	}
	w.server.Twice(reference(r))
	if got := w.create(t, r); got.Outcome != fulfillment.OutcomeParked || !strings.Contains(got.Message, first.Reference) {
		t.Errorf("two orders under one reference: %+v, want a person to look", got)
	}
	if found := w.lookup(t, query(r)); len(found) != 2 {
		t.Errorf("%d found, want both", len(found))
	}
}

// TestHappensOnce: whatever fails in between, and though the list lags behind, there is one order.
func TestHappensOnce(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]shipbobtest.Fault{
		"before":        {{Do: shipbobtest.FaultReset}},
		"after":         {{Do: shipbobtest.FaultReset, After: true}},
		"cut":           {{Do: shipbobtest.FaultCut, After: true}},
		"500 before":    {{Do: shipbobtest.FaultAnswer, Status: http.StatusInternalServerError}},
		"500 after":     {{Do: shipbobtest.FaultAnswer, Status: 500, After: true}},
		"429":           {{Do: shipbobtest.FaultAnswer, Status: 429}},
		"two, then 429": {{Do: shipbobtest.FaultReset}, {Do: shipbobtest.FaultReset, After: true}, {Do: shipbobtest.FaultAnswer, Status: 429}},
	} {
		for _, lag := range []time.Duration{0, 40 * time.Second} {
			t.Run(name+" lag "+lag.String(), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.server.Lag = lag
				for _, f := range faults {
					f.Operation = "POST /order"
					w.server.Fail(f)
				}
				r := request(1)
				attempt := provider.Attempt{Query: query(r), First: true, Settle: time.Minute}
				for range 20 {
					send := func(ctx context.Context) (provider.Answer, error) {
						attempt.Previous = w.clock.now()
						return w.Create(ctx, r)
					}
					answer, err := provider.Call(t.Context(), w, attempt, send)
					attempt.First = false
					w.clock.pass(max(provider.RetryAfter(err), time.Second))
					attempt.Now = w.clock.now()
					if err != nil {
						continue
					}
					if answer.Outcome != fulfillment.OutcomeAccepted || w.server.Orders(reference(r)) != 1 {
						t.Errorf("%+v with %d orders, want one", answer, w.server.Orders(reference(r)))
					}
					return
				}
				t.Error("it never came to an answer")
			})
		}
	}
}
