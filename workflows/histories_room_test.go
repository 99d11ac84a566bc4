package workflows_test

import (
	"fmt"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// cancelLives are asked to end by Temporal's own cancel request.
var cancelLives = []life{
	{"asked-to-cancel", func(r *recorder) {
		id := r.units(r.berlin, 2)
		if err := r.Temporal.CancelWorkflow(r.t.Context(), temporalio.FulfillmentOrderID(id), ""); err != nil {
			r.t.Fatal(err)
		}
		r.Eventually(id, "told", func(fo *fulfillment.FulfillmentOrder) bool { return fo.LastRefusal != nil })
		r.give(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)})
	}},
}

// parkedLives have the database refuse for good what was decided.
var parkedLives = []life{
	{"parked", func(r *recorder) {
		r.apart()
		id := r.units(r.Warehouse("Berlin").ID, 2)
		mend := refuseKind(r.t, r.Stack, fulfillment.KindHeld)
		hold := &fulfillment.PlaceHold{Reason: fulfillment.HoldOther}
		if _, err := r.Command.Send(r.t.Context(), id, hold); !isInternal(err) {
			r.t.Errorf("the hold was answered %v", err)
		}
		waitUntilParked(r.t, r.Stack, id)
		r.give(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)}) // The run goes on.
		if err := r.Temporal.SignalWorkflow(
			r.t.Context(), temporalio.FulfillmentOrderID(id), "", string(hold.Verb()), hold,
		); err != nil {
			r.t.Fatal(err)
		}
		r.Eventually(id, "recorded as refused", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.LastRefusal != nil
		})
		mend()
		if err := r.Updates.Refresh(r.t.Context(), id); err != nil {
			r.t.Fatal(err)
		}
		r.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	}},
	{"parked-at-its-deadline", func(r *recorder) { // Nobody could be told; it is tried again when it is looked after.
		r.apart()
		mend := refuseKind(r.t, r.Stack, fulfillment.KindDeadlineMissed)
		id := r.units(r.Warehouse("Berlin").ID, 1)
		r.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Second)})
		waitUntilParked(r.t, r.Stack, id)
		mend()
		if err := r.Updates.Refresh(r.t.Context(), id); err != nil {
			r.t.Fatal(err)
		}
		r.Eventually(id, "late", func(fo *fulfillment.FulfillmentOrder) bool { return fo.DeadlineMissedAt != nil })
	}},
}

// roomLives fill a fulfillment order until there is no room for more.
var roomLives = []life{
	{"no-room", func(r *recorder) {
		order := fulfillment.Order{LineItems: make([]fulfillment.LineItem, fulfillment.MaxLines)}
		for i := range order.LineItems {
			order.LineItems[i] = fulfillment.LineItem{
				Title: fmt.Sprint("Blanket ", i), SKU: fmt.Sprint(strings.Repeat("A", 145), i), Quantity: 1,
				LocationID: r.berlin,
			}
		}
		id := r.order(order)[0]
		refused := 0
		for i := range 20 { // The orders of magnitude are those of maxState and of a hold.
			hold := &fulfillment.PlaceHold{
				Reason: fulfillment.HoldOther, Handle: fmt.Sprint(i), ExternalID: strings.Repeat("<", 255),
			}
			hold.Actor.App = fmt.Sprint("app ", i)
			if _, err := r.Command.Send(r.t.Context(), id, hold); err != nil {
				refused++
			}
		}
		if refused == 0 {
			r.t.Error("there was room for everything")
		}
		// A signal comes past the validator.
		hold := &fulfillment.PlaceHold{
			Reason: fulfillment.HoldOther, Handle: "signalled", ExternalID: strings.Repeat("<", 255),
		}
		if err := r.Temporal.SignalWorkflow(
			r.t.Context(), temporalio.FulfillmentOrderID(id), "", string(hold.Verb()), hold,
		); err != nil {
			r.t.Fatal(err)
		}
		r.Eventually(id, "refused", func(fo *fulfillment.FulfillmentOrder) bool { return fo.LastRefusal != nil })
		r.give(id, &fulfillment.ReleaseHold{})
	}},
}
