package workflows_test

import (
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// serviceLives are how the deletion of a fulfillment service can go.
var serviceLives = []life{
	{"service-deleted", func(r *recorder) {
		l := newLeaving(r.t, r.Stack, r.berlin, 3)
		if err := l.delete(l.deletion("one")); err != nil {
			r.t.Fatal(err)
		}
		r.deletion(l)
	}},
	{"service-in-use", func(r *recorder) { // One can't move: nothing does, and the service stays.
		l := newLeaving(r.t, r.Stack, r.berlin, 2)
		l.Send(l.waiting[1], &fulfillment.SubmitFulfillmentRequest{})
		l.isRefused(l.delete(l.deletion("")), l.waiting...)
		r.deletion(l)
	}},
	{"service-kept", func(r *recorder) { // Nothing is to be moved; its location becomes the merchant's.
		l := newLeaving(r.t, r.Stack, r.berlin, 0)
		cmd := l.deletion("")
		cmd.InventoryAction, cmd.DestinationLocationID = fulfillment.InventoryKeep, 0
		if err := l.delete(cmd); err != nil {
			r.t.Fatal(err)
		}
		r.deletion(l)
	}},
}

// deletion keeps the run that has just deleted a service, or refused to.
func (r *recorder) deletion(l *leaving) {
	r.t.Helper()
	closes(r.t, r.Stack, temporalio.ServiceDeletionID(l.service.ID))
	r.keep(temporalio.ServiceDeletionID(l.service.ID))
}
