package workflows_test

import (
	"net/http"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/webhook"
	"packhorse/internal/worker/workertest"
)

// webhookLives are how the delivery to a webhook subscription can go.
var webhookLives = []life{
	{"webhook-told", func(r *recorder) { // Paused, resumed, and ended.
		sub, to := r.told(fulfillment.TopicProgressReported)
		id := r.units(r.berlin, 1)
		r.give(id, &fulfillment.ReportProgress{})
		workertest.WaitFor(r.t, "the first webhook", func() bool { return to.count() > 0 })
		r.bring(sub, webhook.Paused)
		r.give(id, &fulfillment.ReportProgress{})
		r.bring(sub, webhook.Enabled)
		workertest.WaitFor(r.t, "the second webhook", func() bool { return to.count() > 1 })
		r.endSubscription(sub)
	}},
	{"webhook-not-taken", func(r *recorder) { // The delivery reports that it fails, and that the receiver is gone.
		sub, to := r.told(fulfillment.TopicPlacedOnHold)
		to.answer(http.StatusInternalServerError)
		id := r.units(r.berlin, 1)
		r.give(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
		workertest.WaitFor(r.t, "the report", func() bool {
			return signalled(r.t, r.Stack, temporalio.WebhookSubscriptionID(sub.ID), temporalio.ReportSignal)
		})
		to.answer(http.StatusGone)
		workertest.WaitFor(r.t, "the end of it", func() bool {
			return searchable(r.t, r.Stack, sub.ID) == temporalio.DeliveryDisabled
		})
		r.endSubscription(sub)
	}},
}

// told has an app told of a topic.
func (r *recorder) told(topic string) (webhook.Subscription, *receiver) {
	r.t.Helper()
	to := newReceiver(r.t)
	app := newApp(r.t, r.Stack, "app-"+r.berlin.String()+topic[len("fulfillment_orders/"):], access.Scopes()...)
	return subscribeTo(r.t, r.Stack, app, topic, to.URL), to
}

// bring brings a subscription into a state, and waits until its run knows.
func (r *recorder) bring(sub webhook.Subscription, state webhook.State) {
	r.t.Helper()
	if _, err := r.Store.SetSubscriptionState(r.t.Context(), sub.ID, state, "A test."); err != nil {
		r.t.Fatal(err)
	}
	if err := r.Command.Deliver(r.t.Context(), sub.ID); err != nil {
		r.t.Fatal(err)
	}
	workertest.WaitFor(r.t, string(state), func() bool {
		return searchable(r.t, r.Stack, sub.ID) == string(state)
	})
}

// endSubscription deletes a subscription, and keeps its run.
func (r *recorder) endSubscription(sub webhook.Subscription) {
	r.t.Helper()
	if err := r.Store.DeleteSubscription(r.t.Context(), sub.ID); err != nil {
		r.t.Fatal(err)
	}
	if err := r.Command.Deliver(r.t.Context(), sub.ID); err != nil {
		r.t.Fatal(err)
	}
	closes(r.t, r.Stack, temporalio.WebhookSubscriptionID(sub.ID))
	r.keep(temporalio.WebhookSubscriptionID(sub.ID))
}
