package workflows_test

import (
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// checkedLives are sent what was taken before there was a rule against it.
var checkedLives = []life{
	{"checked-again", func(r *recorder) {
		id := r.order(fulfillment.Order{FulfillAt: in(24 * time.Hour), LineItems: blankets(1, r.berlin)})[0]
		for _, signal := range []struct {
			verb    fulfillment.Verb
			payload map[string]any
		}{
			{fulfillment.VerbReleaseHold, map[string]any{"holdIds": []string{}}},
			{fulfillment.VerbSetDeadline, map[string]any{"fulfillmentDeadline": in(time.Hour)}},
			{fulfillment.VerbReportProgress, map[string]any{"reasonNotes": "a\uFFFD"}},
		} {
			err := r.Temporal.SignalWorkflow(
				r.t.Context(), temporalio.FulfillmentOrderID(id), "", string(signal.verb), signal.payload,
			)
			if err != nil {
				r.t.Fatal(err)
			}
			r.Eventually(id, "refused", func(fo *fulfillment.FulfillmentOrder) bool {
				return fo.LastRefusal != nil && fo.LastRefusal.Verb == signal.verb
			})
		}
	}},
	{"accepted-in-part-in-json", func(r *recorder) {
		id := r.units(r.service(nil), 2)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		before := r.Load(id)
		err := r.Temporal.SignalWorkflow(
			r.t.Context(), temporalio.FulfillmentOrderID(id), "", string(fulfillment.VerbAcceptFulfillmentRequest),
			map[string]any{"fulfillmentOrderLineItems": []any{map[string]any{"id": before.Lines[0].ID, "quantity": 1}}},
		)
		if err != nil {
			r.t.Fatal(err)
		}
		r.Eventually(id, "taken or refused", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.Sequence > before.Sequence
		})
	}},
}
