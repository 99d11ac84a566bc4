package workflows_test

import (
	"slices"
	"time"

	historypb "go.temporal.io/api/history/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// parcelsOf is an order whose units are in several fulfillment orders.
func (r *recorder) parcelsOf(units ...int) (orderID fulfillment.ID, ids []fulfillment.ID) {
	r.t.Helper()
	p := newParcels(r.t, r.Stack, r.berlin, units...)
	r.orders = append(r.orders, p.orderID)
	return p.orderID, p.ids
}

// jointLives have every command on several fulfillment orders.
var jointLives = []life{
	{"merged", func(r *recorder) {
		order, ids := r.parcelsOf(3, 2)
		merge := mergeAll("merge", ids...)
		r.joint(order, merge)
		r.joint(order, merge) // Is answered the same.
	}},
	{"split-together", func(r *recorder) {
		order, ids := r.parcelsOf(3)
		_, others := r.parcelsOf(4)
		r.joint(order, &fulfillment.SplitEach{Splits: []fulfillment.SplitInput{
			{FulfillmentOrderID: ids[0], Lines: r.part(ids[0], 1)}, {
				FulfillmentOrderID: others[0], Lines: r.part(others[0], 2),
			}}})
	}},
	{"shipped-together", func(r *recorder) {
		order, ids := r.parcelsOf(3, 2)
		f := r.joint(order, &fulfillment.Ship{Groups: []fulfillment.ShipGroup{
			{FulfillmentOrderID: ids[0], Lines: r.part(ids[0], 2)}, {FulfillmentOrderID: ids[1]}}})[0].FulfillmentID
		r.keep(temporalio.FulfillmentOrderID(ids[1]))
		r.Send(ids[0], &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventInTransit})
		r.Send(ids[1], &fulfillment.CancelFulfillment{FulfillmentID: f}) // By either of them.
	}},
	{"news-of-a-part", func(r *recorder) { // The owner of the shipment has it, whoever is told.
		order, ids := r.parcelsOf(3, 2)
		f := r.joint(order, &fulfillment.Ship{Groups: []fulfillment.ShipGroup{
			{FulfillmentOrderID: ids[0], Lines: r.part(ids[0], 2)},
			{FulfillmentOrderID: ids[1], Lines: r.part(ids[1], 1)}}})[0].FulfillmentID
		r.Send(ids[1], &fulfillment.UpdateTracking{
			FulfillmentID: f, Tracking: fulfillment.TrackingInput{Number: "1Z", Company: "UPS"},
		})
		news := &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventInTransit}
		if err := r.Temporal.SignalWorkflow(
			r.t.Context(), temporalio.FulfillmentOrderID(ids[1]), "", string(news.Verb()), news,
		); err != nil {
			r.t.Fatal(err)
		}
		r.Eventually(ids[0], "told", func(fo *fulfillment.FulfillmentOrder) bool {
			return len(fo.Fulfillments[0].Events) > 0
		})
	}},
	{"changed-nothing", func(r *recorder) { // It is remembered all the same.
		id := r.units(r.berlin, 1)
		f := r.Send(id, &fulfillment.CreateFulfillment{}).FulfillmentID
		r.Send(id, &fulfillment.CancelFulfillment{FulfillmentID: f})
		r.Send(id, &fulfillment.CancelFulfillment{FulfillmentID: f})
	}},
	{"rerouted-together", func(r *recorder) {
		order, ids := r.parcelsOf(3, 2)
		r.joint(order, &fulfillment.Reroute{FulfillmentOrderIDs: ids})
	}},
	{"deadlines-set-together", func(r *recorder) {
		order, ids := r.parcelsOf(2, 1)
		r.joint(order, &fulfillment.SetDeadlines{FulfillmentOrderIDs: ids, FulfillBy: in(24 * time.Hour)})
	}},
	{"refused-together", func(r *recorder) {
		order, ids := r.parcelsOf(2, 1)
		r.Send(ids[1], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
		if _, err := r.Command.Joint(r.t.Context(), order, mergeAll("", ids...)); err == nil {
			r.t.Error("a fulfillment order on hold was merged")
		}
	}},
	{"outrun", func(r *recorder) { // Before all is reserved, one more turns out to be concerned: it starts over.
		order, ids := r.parcelsOf(2, 1)
		r.Send(ids[1], &fulfillment.Move{NewLocationID: r.hamburg})
		r.Send(ids[1], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
		err := r.outrun(order, ids[0], &fulfillment.Alone{
			FulfillmentOrderID: ids[0], Command: &fulfillment.Move{NewLocationID: r.hamburg},
		},
			ids[1], &fulfillment.ReleaseHold{})
		if err != nil {
			r.t.Error(err)
		}
	}},
	{"outrun-and-refused", func(r *recorder) {
		order, ids := r.parcelsOf(2, 1)
		if r.outrun(
			order, ids[0], mergeAll("", ids...), ids[1], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther},
		) == nil {
			r.t.Error("a fulfillment order on hold was merged")
		}
	}},
	{"ids-taken-together", func(r *recorder) {
		order, ids := r.parcelsOf(4)
		for range 2 {
			split := &fulfillment.SplitEach{
				Splits: []fulfillment.SplitInput{{FulfillmentOrderID: ids[0], Lines: r.part(ids[0], 1)}},
			}
			split.FirstID = 4712
			r.joint(order, split)
		}
	}},
}

// outrun keeps a joint command waiting for a fulfillment order, and commands another one meanwhile. It returns what
// became of the joint command.
func (r *recorder) outrun(
	order, reserved fulfillment.ID, joint fulfillment.Joint, other fulfillment.ID, cmd fulfillment.Command,
) error {
	r.t.Helper()
	if _, err := r.Updates.Reserve(r.t.Context(), reserved, "another"); err != nil {
		r.t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := r.Command.Joint(r.t.Context(), order, joint)
		answered <- err
	}()
	workertest.WaitFor(r.t, "the joint command wait", func() bool {
		events := history(r.t, r.Stack, temporalio.OrderID(order))
		return slices.ContainsFunc(events, func(e *historypb.HistoryEvent) bool {
			return e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == "Reserve"
		})
	})
	r.Send(other, cmd)
	if err := r.Updates.Abort(r.t.Context(), reserved, "another"); err != nil {
		r.t.Fatal(err)
	}
	return <-answered
}
