package workflows_test

import (
	"net/http"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// callbackLives are how the calls of a fulfillment service can go.
var callbackLives = []life{
	{"callbacks", func(r *recorder) { // It fails, says that it is gone, is back, and has no address in the end.
		to := newCallee(r.t, func(*http.Request) (int, string) { return http.StatusInternalServerError, "" })
		app := newApp(r.t, r.Stack, "app-of-callbacks-"+r.berlin.String(), access.ReadAssigned)
		service := serve(r.t, r.Stack, app, to.URL+"/cb")
		run := temporalio.ServiceCallbacksID(service.ID)
		state := func(want string) {
			r.t.Helper()
			workertest.WaitFor(r.t, want, func() bool { return stateOf(r.t, r.Stack, run) == want })
		}
		id := r.units(service.LocationID, 1)
		r.give(id, &fulfillment.SubmitFulfillmentRequest{})
		workertest.WaitFor(r.t, "the report", func() bool {
			return signalled(r.t, r.Stack, run, temporalio.ReportSignal)
		})
		state(temporalio.DeliveryFailing)
		to.answers(func(*http.Request) (int, string) { return http.StatusGone, "" })
		r.give(id, &fulfillment.AcceptFulfillmentRequest{})
		r.give(id, &fulfillment.SubmitCancellationRequest{})
		state(temporalio.DeliveryDisabled)
		to.answers(nil)
		call := func(url string) {
			r.t.Helper()
			at := fulfillment.ServiceUpdate{ID: service.ID, CallbackURL: &url}
			if _, err := r.Store.UpdateService(r.t.Context(), at); err != nil {
				r.t.Fatal(err)
			}
			if err := r.Command.Call(r.t.Context(), service.ID); err != nil {
				r.t.Fatal(err)
			}
		}
		call(to.URL + "/callbacks")
		to.await(r.t, "/callbacks/fulfillment_order_notification", 1)
		state(temporalio.DeliveryEnabled)
		call("")
		closes(r.t, r.Stack, run)
		r.keep(run)
	}},
}
