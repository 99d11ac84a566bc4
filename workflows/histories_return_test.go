package workflows_test

import (
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// returnLives are how the life of a return can go.
var returnLives = []life{
	{"return-received", func(r *recorder) { // Every command but those that end a request or a return.
		f := r.sent(3)
		back := begin(r.t, r.Stack, r.orders[0], &returns.Request{Opened: back(f, 2)})
		r.endReturn(back.ID, func() {
			signalReturn(r, back.ID, returns.VerbClose) // Refused.
			workertest.WaitFor(r.t, "the refusal", func() bool { return r.back(back.ID).LastRefusal != nil })
			back = command(r.t, r.Stack, back.ID, &returns.Approve{})
			line, work := back.Lines[0].ID, back.Work[0]
			parcel := command(r.t, r.Stack, back.ID, &returns.CreateDelivery{
				WorkID: work.ID, Tracking: &returns.TrackingInput{Number: "42"},
			}).Work[0].Deliveries[0].ID
			command(r.t, r.Stack, back.ID, &returns.UpdateDelivery{
				DeliveryID: parcel, Tracking: &returns.TrackingInput{Number: "43"},
			})
			command(r.t, r.Stack, back.ID, &returns.Expect{Expected: returns.Expected{By: in(time.Hour)}})
			command(r.t, r.Stack, back.ID, &returns.Receive{
				Lines: []returns.ReceivedUnits{{ReturnLineID: line, Quantity: 1}},
			})
			command(r.t, r.Stack, back.ID, &returns.Process{
				Lines: []returns.ProcessedUnits{{ReturnLineID: line, Quantity: 1}},
			})
			command(r.t, r.Stack, back.ID, &returns.Dispose{Units: []returns.DisposeUnits{{
				WorkLineID: work.Lines[0].ID, Quantity: 1, Type: "MISSING",
			}}})
			command(r.t, r.Stack, back.ID, &returns.Remove{
				Lines: []returns.RemovedUnits{{ReturnLineID: line, Quantity: 1}},
			})
			if err := r.Updates.RefreshReturn(r.t.Context(), back.ID); err != nil {
				r.t.Fatal(err)
			}
			command(r.t, r.Stack, back.ID, &returns.Close{})
		})
		command(r.t, r.Stack, back.ID, &returns.Reopen{})
		r.keep(temporalio.ReturnID(back.ID))
	}},
	{"return-overdue", func(r *recorder) { // It is closed on its date.
		f := r.sent(1)
		back := begin(r.t, r.Stack, r.orders[0], &returns.Create{
			Opened: back(f, 1), Expected: returns.Expected{By: in(2 * time.Second), Overdue: returns.OverdueClose},
		})
		r.endReturn(back.ID, func() {})
	}},
	{"return-declined", func(r *recorder) {
		f := r.sent(1)
		back := begin(r.t, r.Stack, r.orders[0], &returns.Request{Opened: back(f, 1)})
		r.endReturn(back.ID, func() { command(r.t, r.Stack, back.ID, &returns.Decline{Reason: "OTHER"}) })
	}},
	{"return-cancelled", func(r *recorder) {
		f := r.sent(1)
		back := begin(r.t, r.Stack, r.orders[0], &returns.Create{Opened: back(f, 1)})
		_, err := r.Command.Send(r.t.Context(), r.fulfillmentOrderOf(f),
			&fulfillment.CancelFulfillment{FulfillmentID: f.ID})
		if _, refused := fulfillment.AsError(err); !refused {
			r.t.Fatalf("a shipment of which units come back: %v", err)
		}
		r.endReturn(back.ID, func() { command(r.t, r.Stack, back.ID, &returns.Cancel{}) })
	}},
}

// sent makes an order, and ships it.
func (r *recorder) sent(units int) *fulfillment.Fulfillment {
	r.t.Helper()
	id := r.units(r.berlin, units)
	r.give(id, &fulfillment.CreateFulfillment{})
	return &r.Load(id).Fulfillments[0]
}

// fulfillmentOrderOf is the fulfillment order that owns a shipment.
func (r *recorder) fulfillmentOrderOf(f *fulfillment.Fulfillment) fulfillment.ID {
	r.t.Helper()
	fo, _, err := r.Store.Fulfillment(r.t.Context(), f.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return fo.ID
}

// back is a return as the store has it.
func (r *recorder) back(id fulfillment.ID) *returns.Return {
	r.t.Helper()
	found, err := r.Store.Return(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return found
}

// endReturn keeps the present run of a return, and waits for its end after something.
func (r *recorder) endReturn(id fulfillment.ID, after func()) {
	r.t.Helper()
	r.keep(temporalio.ReturnID(id))
	after()
	closes(r.t, r.Stack, temporalio.ReturnID(id))
}

func signalReturn(r *recorder, id fulfillment.ID, verb returns.Verb) {
	r.t.Helper()
	err := r.Temporal.SignalWorkflow(r.t.Context(), temporalio.ReturnID(id), "", string(verb), struct{}{})
	if err != nil {
		r.t.Fatal(err)
	}
}
