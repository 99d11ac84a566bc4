package workflows_test

import (
	"time"

	"packhorse/internal/fulfillment"
)

// aheadLives hear of what happens by a clock that is wrong.
var aheadLives = []life{
	{"news-from-the-future", func(r *recorder) {
		id := r.units(r.service(nil), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.Send(id, &fulfillment.AcceptFulfillmentRequest{})
		f := r.Send(id, &fulfillment.CreateFulfillment{}).FulfillmentID
		ahead := time.Now().UTC().Add(20 * time.Hour).Truncate(time.Second)
		r.Send(id, &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventInTransit, HappenedAt: &ahead})
		r.Send(id, &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventOutForDelivery})
	}},
}
