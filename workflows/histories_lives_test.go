package workflows_test

import (
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// allLives is every kind of life. A new command, a new timer, a new kind of answer gets one here; the test says so.
func allLives() []life {
	var all []life
	for _, l := range commandedLives {
		all = append(all,
			life{l.name + "-by-update", l.live},
			life{l.name + "-by-signal", func(r *recorder) { r.signals = true; l.live(r) }})
	}
	return slices.Concat(timedLives, all, jointLives, providerLives, orderLives, serviceLives, roomLives,
		cancelLives, checkedLives, parkedLives, runLives, setBackLives, webhookLives, callbackLives, aheadLives,
		reportLives, returnLives)
}

// commandedLives have every command, each as an update and as a signal.
var commandedLives = []life{
	{"requested", func(r *recorder) {
		id := r.units(r.service(nil), 4)
		r.give(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)})
		r.give(id, &fulfillment.SubmitFulfillmentRequest{Message: "Please wrap it."})
		r.give(id, &fulfillment.AcceptFulfillmentRequest{})
		r.give(
			id,
			&fulfillment.CreateFulfillment{
				Lines: r.part(id, 1), Tracking: &fulfillment.TrackingInput{Company: "UPS", Number: "1Z"},
			},
		)
		f := r.Load(id).Fulfillments[0].ID
		r.give(
			id,
			&fulfillment.UpdateTracking{
				FulfillmentID: f, Tracking: fulfillment.TrackingInput{Company: "UPS", Number: "2Z"},
			},
		)
		r.give(id, &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventInTransit})
		r.give(id, &fulfillment.SubmitCancellationRequest{Message: "Please stop."})
		r.give(id, &fulfillment.RejectCancellationRequest{Message: "It is packed."})
		r.give(id, &fulfillment.Close{Message: "The rest is lost."})
	}},
	{"rejected", func(r *recorder) {
		id := r.units(r.service(nil), 2)
		r.give(id, &fulfillment.SubmitFulfillmentRequest{})
		r.give(id, &fulfillment.RejectFulfillmentRequest{Reason: fulfillment.RejectOutOfStock, Message: "None left."})
		r.give(id, &fulfillment.SubmitFulfillmentRequest{Message: "There are more now."})
	}},
	{"requested-in-part", func(r *recorder) {
		id := r.units(r.service(nil), 3)
		r.give(id, &fulfillment.SubmitFulfillmentRequest{Lines: r.part(id, 1)})
		r.give(id, &fulfillment.AcceptFulfillmentRequest{})
		r.give(id, &fulfillment.SubmitCancellationRequest{})
		r.give(id, &fulfillment.AcceptCancellationRequest{}) // The sibling is open: it gets the unit back.
	}},
	{"accepted-in-part", func(r *recorder) {
		id := r.units(r.service(nil), 3)
		r.give(id, &fulfillment.SubmitFulfillmentRequest{})
		line := r.Load(id).Lines[0].ID
		r.give(id, &fulfillment.AcceptFulfillmentRequest{
			Lines: r.part(id, 2), Reason: fulfillment.RejectOutOfStock,
			Rejected: []fulfillment.RejectedLine{{LineID: line, Message: "One is torn."}},
		})
		r.give(id, &fulfillment.SubmitCancellationRequest{})
		r.give(id, &fulfillment.AcceptCancellationRequest{Lines: r.part(id, 1)})
	}},
	{"cancelled-by-the-service", func(r *recorder) {
		id := r.units(r.service(nil), 2)
		r.give(id, &fulfillment.SubmitFulfillmentRequest{})
		r.give(id, &fulfillment.AcceptFulfillmentRequest{})
		r.give(id, &fulfillment.SubmitCancellationRequest{})
		r.give(id, &fulfillment.AcceptCancellationRequest{Replace: true})
	}},
	{"held", func(r *recorder) {
		id := r.units(r.berlin, 2)
		r.give(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldAwaitingPayment})
		r.give(
			id,
			&fulfillment.PlaceHold{
				Reason: fulfillment.HoldOther, Handle: "second", ReasonNotes: "A gift card is missing.",
			},
		)
		r.give(id, &fulfillment.ReleaseHold{})
		r.give(id, &fulfillment.ReportProgress{ReasonNotes: "Being packed."})
		r.give(id, &fulfillment.Open{})
		r.give(id, &fulfillment.Cancel{})
	}},
	{"held-in-part", func(r *recorder) {
		id := r.units(r.berlin, 3)
		r.give(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: r.part(id, 1)})
		r.give(id, &fulfillment.ReleaseHold{})
	}},
	{"scheduled", func(r *recorder) {
		id := r.order(fulfillment.Order{FulfillAt: in(24 * time.Hour), LineItems: blankets(1, r.berlin)})[0]
		r.give(id, &fulfillment.Reschedule{FulfillAt: *in(48 * time.Hour)})
		r.give(id, &fulfillment.Open{})
	}},
	{"split-and-moved", func(r *recorder) {
		id := r.units(r.berlin, 5)
		r.give(id, &fulfillment.Split{Lines: r.part(id, 1)})
		r.give(id, &fulfillment.Move{NewLocationID: r.hamburg, Lines: r.part(id, 2)})
		r.give(id, &fulfillment.Move{NewLocationID: r.hamburg})
	}},
	{"lowered", func(r *recorder) {
		id := r.units(r.berlin, 3)
		r.give(
			id,
			&fulfillment.CancelUnits{
				LineItems: []fulfillment.Quantity{{ID: r.Load(id).Lines[0].LineItemID, Quantity: 1}},
			},
		)
	}},
	{"picked-up", func(r *recorder) {
		id := r.order(fulfillment.Order{
			DeliveryMethod: fulfillment.DeliveryPickUp, LineItems: blankets(2, r.berlin),
		})[0]
		r.give(id, &fulfillment.LineItemsPreparedForPickup{})
		r.give(id, &fulfillment.CreateFulfillment{Lines: r.part(id, 1)})
		r.give(id, &fulfillment.CreateFulfillment{})
	}},
	{"brought", func(r *recorder) {
		id := r.order(fulfillment.Order{
			DeliveryMethod: fulfillment.DeliveryLocal, LineItems: blankets(1, r.berlin),
		})[0]
		r.give(id, &fulfillment.LineItemsPreparedForLocalDelivery{})
	}},
	{"shipped-and-back", func(r *recorder) {
		id := r.units(r.berlin, 2)
		r.give(id, &fulfillment.CreateFulfillment{Lines: r.part(id, 1)})
		r.give(id, &fulfillment.CancelFulfillment{FulfillmentID: r.Load(id).Fulfillments[0].ID})
		r.give(id, &fulfillment.CreateFulfillment{})
		r.give(id, &fulfillment.CancelFulfillment{FulfillmentID: r.Load(id).Fulfillments[1].ID}) // It is closed by now.
	}},
}

// timedLives are changed by time.
var timedLives = []life{
	{"opens", func(r *recorder) {
		id := r.order(fulfillment.Order{FulfillAt: in(soon), LineItems: blankets(1, r.berlin)})[0]
		r.until(id, fulfillment.StatusOpen, fulfillment.RequestUnsubmitted)
	}},
	{"deadline-missed", func(r *recorder) {
		id := r.units(r.berlin, 1)
		r.Send(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)})
		r.Send(id, &fulfillment.SetDeadline{FulfillBy: in(soon)}) // The first timer is cancelled.
		r.Eventually(id, "late", func(fo *fulfillment.FulfillmentOrder) bool { return fo.DeadlineMissedAt != nil })
		r.Send(id, &fulfillment.SetDeadline{})
	}},
	{"hold-expires", func(r *recorder) {
		id := r.units(r.berlin, 1)
		r.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldAwaitingPayment, ExpiresAt: in(soon)})
		r.until(id, fulfillment.StatusOpen, fulfillment.RequestUnsubmitted)
	}},
	{"hold-of-a-part-expires", func(r *recorder) {
		id := r.units(r.berlin, 3)
		r.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: r.part(id, 1), ExpiresAt: in(soon)})
		r.Eventually(id, "whole again", func(fo *fulfillment.FulfillmentOrder) bool { return fo.RemainingUnits() == 3 })
	}},
	{"hold-of-a-part-expires-too-late", func(r *recorder) {
		id := r.units(r.berlin, 3)
		rest := r.Send(
			id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: r.part(id, 1), ExpiresAt: in(soon)},
		).SiblingID
		r.Send(rest, &fulfillment.CreateFulfillment{})
		r.Eventually(id, "apart for good", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.Status == fulfillment.StatusOpen && len(fo.Effects) == 0
		})
	}},
	{"not-answered-and-held", func(r *recorder) {
		id := r.units(r.overdue(fulfillment.AcceptHold, nil), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.until(id, fulfillment.StatusOnHold, fulfillment.RequestUnsubmitted)
	}},
	{"not-answered-and-rerouted", func(r *recorder) {
		service := r.overdue(fulfillment.AcceptReroute, map[string]any{"answer": "manual"})
		id := r.units(service, 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.Eventually(
			id, "elsewhere",
			func(fo *fulfillment.FulfillmentOrder) bool { return fo.AssignedLocation.LocationID != service },
		)
	}},
	{"not-answered-and-nowhere-to-go", func(r *recorder) {
		r.apart()
		id := r.units(r.overdue(fulfillment.AcceptReroute, nil), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.Eventually(id, "taken back", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.RequestStatus == fulfillment.RequestUnsubmitted && len(fo.Effects) == 0
		})
	}},
	{"not-answered-and-reminded", func(r *recorder) {
		id := r.units(r.overdue(fulfillment.AcceptRemind, nil), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		submitted := r.Load(id).Sequence
		r.Eventually(id, "reminded", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Sequence > submitted })
		r.Send(id, &fulfillment.AcceptFulfillmentRequest{})
	}},
	{"delivery-given-up", func(r *recorder) {
		id := r.order(
			fulfillment.Order{DeliveryTimeout: fulfillment.Duration(soon), LineItems: blankets(1, r.berlin)},
		)[0]
		r.Send(id, &fulfillment.CreateFulfillment{})
		r.Eventually(
			id, "given up", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Fulfillments[0].GivenUpAt != nil },
		)
		closes(r.t, r.Stack, temporalio.FulfillmentOrderID(id))
	}},
	{"reservation-ends-by-itself", func(r *recorder) {
		id := r.units(r.berlin, 1)
		if _, err := r.Updates.Reserve(r.t.Context(), id, "nobody"); err != nil {
			r.t.Fatal(err)
		}
		r.Send(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)}) // Is carried out when it has ended.
	}},
}

// overdue is a service that does not answer in time.
func (r *recorder) overdue(policy fulfillment.AcceptPolicy, options map[string]any) fulfillment.ID {
	r.t.Helper()
	service := fulfillment.Service{Name: "Service of " + r.t.Name(), Provider: fulfillment.ManualProvider,
		AcceptWithin: fulfillment.Duration(soon), AcceptPolicy: policy}
	if options != nil {
		service.Provider, service.Options = "simulated", options
	}
	return r.Service(service).LocationID
}

func blankets(units int, location fulfillment.ID) []fulfillment.LineItem {
	return []fulfillment.LineItem{{Title: "Blanket", SKU: "BLANKET", Quantity: units, LocationID: location}}
}
