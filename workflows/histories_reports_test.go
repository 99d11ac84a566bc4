package workflows_test

import (
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// reportLives are those in which a service's system tells why it does not ship what it has accepted.
var reportLives = []life{
	{"service-says-why-it-waits", func(r *recorder) {
		service := r.Service(fulfillment.Service{
			Name: "Service of " + r.t.Name(), Provider: "simulated", Options: map[string]any{"ship": false},
		})
		id := r.units(service.LocationID, 2)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.until(id, fulfillment.StatusInProgress, fulfillment.RequestAccepted)
		told := func(cmd fulfillment.Command) {
			r.t.Helper()
			cmd.Envelope().Actor = fulfillment.Actor{
				Role: fulfillment.RoleService, App: service.Provider, ServiceID: service.ID,
			}
			before := r.Load(id).Sequence
			if err := r.Temporal.SignalWorkflow(
				r.t.Context(), temporalio.FulfillmentOrderID(id), "", string(cmd.Verb()), cmd,
			); err != nil {
				r.t.Fatal(err)
			}
			r.Eventually(id, "changed by "+string(cmd.Verb()), func(fo *fulfillment.FulfillmentOrder) bool {
				return fo.Sequence > before
			})
		}
		told(&fulfillment.PlaceHold{Reason: fulfillment.HoldInventoryOutOfStock, Handle: "first"})
		told(&fulfillment.PlaceHold{Reason: fulfillment.HoldIncorrectAddress, Handle: "second"})
		told(&fulfillment.ReleaseHold{OwnOnly: true, Handles: []string{"first"}})
		r.Send(id, &fulfillment.CreateFulfillment{}) // What is left of the holds ends with it.
	}},
}
