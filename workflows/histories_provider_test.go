package workflows_test

import (
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// providerLives are those in which a provider's system is called, which answers in every way.
var providerLives = []life{
	{"provider-ships-and-delivers", func(r *recorder) {
		id := r.units(
			r.service(
				map[string]any{
					"shipAfter": "10ms", "inTransitAfter": "10ms", "outForDeliveryAfter": "10ms",
					"deliveredAfter": "10ms",
				},
			),
			1,
		)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		closes(r.t, r.Stack, temporalio.FulfillmentOrderID(id))
	}},
	{"provider-rejects", func(r *recorder) {
		id := r.units(r.service(map[string]any{"rejectAlways": "INVENTORY_OUT_OF_STOCK"}), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.until(id, fulfillment.StatusOpen, fulfillment.RequestRejected)
	}},
	{"provider-answers-later", func(r *recorder) {
		id := r.units(r.service(map[string]any{"answer": "pending", "acceptAfter": "50ms", "ship": false}), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.until(id, fulfillment.StatusInProgress, fulfillment.RequestAccepted)
	}},
	{"provider-is-asked-again", func(r *recorder) { // The answer was lost: the second try finds it.
		id := r.units(r.service(map[string]any{"lostAnswerRate": 1, "ship": false}), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.until(id, fulfillment.StatusInProgress, fulfillment.RequestAccepted)
	}},
	{"provider-answers-too-late", func(r *recorder) { // A person has answered in its place, while it was called.
		id := r.units(
			r.service(map[string]any{"latency": map[string]any{"min": "500ms", "max": "500ms"}, "ship": false}), 1,
		)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.Send(id, &fulfillment.AcceptFulfillmentRequest{})
	}},
	{"provider-accepts-in-part", func(r *recorder) {
		id := r.units(r.service(map[string]any{"partialRate": 1, "ship": false}), 4)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.until(id, fulfillment.StatusInProgress, fulfillment.RequestAccepted)
	}},
	{"provider-stops", func(r *recorder) {
		id := r.units(r.service(map[string]any{"ship": false}), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.until(id, fulfillment.StatusInProgress, fulfillment.RequestAccepted)
		r.Send(id, &fulfillment.SubmitCancellationRequest{})
		r.until(id, fulfillment.StatusCancelled, fulfillment.RequestCancellationAccepted)
	}},
	{"provider-does-not-stop", func(r *recorder) {
		id := r.units(r.service(map[string]any{"cancelRefusalRate": 1, "ship": false}), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.until(id, fulfillment.StatusInProgress, fulfillment.RequestAccepted)
		r.Send(id, &fulfillment.SubmitCancellationRequest{})
		r.until(id, fulfillment.StatusInProgress, fulfillment.RequestCancellationRejected)
	}},
	{"provider-forgets", func(r *recorder) {
		id := r.units(r.service(map[string]any{"answer": "manual"}), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.Send(id, &fulfillment.Cancel{})
		closes(r.t, r.Stack, temporalio.FulfillmentOrderID(id))
	}},
	{"provider-needs-a-person", func(r *recorder) { // What it is told makes no sense.
		id := r.units(r.service(map[string]any{"answer": "perhaps"}), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.Eventually(id, "parked", func(fo *fulfillment.FulfillmentOrder) bool {
			return len(fo.Effects) == 1 && fo.Effects[0].Status == fulfillment.EffectParked
		})
		r.Send(id, &fulfillment.RejectFulfillmentRequest{})
	}},
}
