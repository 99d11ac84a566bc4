package audit

import (
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// cast are the lives of a scene, each of which has something that others don't: fulfillment orders, and their orders.
type cast struct {
	shipped, shippedOrder     fulfillment.ID // by the simulated service, and commanded again after its life was over
	withdrawn, withdrawnOrder fulfillment.ID // cancelled with its order before the service answered
	stopped, stoppedOrder     fulfillment.ID // the service accepted the cancellation request
	parted, partedOrder       fulfillment.ID // the service accepted a part of the request
	held, heldOrder           fulfillment.ID // partly on hold
	merged, mergedOrder       fulfillment.ID // split, merged, and shipped in part
	edited, editedOrder       fulfillment.ID // a quantity was lowered, a line was added
	shared, sharedOrder       fulfillment.ID // owns a shipment, with tracking and news, that has units of another one
	givenUp, givenUpOrder     fulfillment.ID // no news came of its shipment
}

// quick are the settings of a service that does everything at once.
func quick(more map[string]any) map[string]any {
	options := map[string]any{
		"shipAfter": "1ms", "inTransitAfter": "1ms", "outForDeliveryAfter": "1ms", "deliveredAfter": "1ms", "jitter": 0,
	}
	for name, value := range more {
		options[name] = value
	}
	return options
}

// play lives a handful of lives, and waits until all are quiet.
func play(t *testing.T, s *scene) cast {
	t.Helper()
	var c cast
	berlin := s.Warehouse("Berlin").ID
	c.shippedOrder, c.shipped = s.order(s.service("Quick", quick(nil)), 2)
	s.send(c.shipped, &fulfillment.SubmitFulfillmentRequest{})

	c.withdrawnOrder, c.withdrawn = s.order(s.service("Slow", quick(map[string]any{"answer": "manual"})), 2)
	s.send(c.withdrawn, &fulfillment.SubmitFulfillmentRequest{})
	s.Eventually(c.withdrawn, "taken", func(fo *fulfillment.FulfillmentOrder) bool { return len(fo.DueEffects()) == 0 })
	cancel := fulfillment.CancelOrder{Meta: fulfillment.Meta{CommandID: "cancel-order"}, OrderID: c.withdrawnOrder}
	if _, err := s.Command.CancelOrder(t.Context(), cancel); err != nil {
		t.Fatal(err)
	}
	s.did(c.withdrawnOrder, 0, "Cancel", &cancel.Meta)

	c.partedOrder, c.parted = s.order(s.service("Halves", quick(map[string]any{"partialRate": 1, "ship": false})), 4)
	s.send(c.parted, &fulfillment.SubmitFulfillmentRequest{})
	s.Eventually(c.parted, "accepted", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.RequestStatus == fulfillment.RequestAccepted
	})
	c.stoppedOrder, c.stopped = s.order(s.service("Keeps", quick(map[string]any{"ship": false})), 2)
	s.send(c.stopped, &fulfillment.SubmitFulfillmentRequest{})
	s.Eventually(
		c.stopped, "accepted",
		func(fo *fulfillment.FulfillmentOrder) bool { return fo.RequestStatus == fulfillment.RequestAccepted },
	)
	s.send(c.stopped, &fulfillment.SubmitCancellationRequest{})

	c.heldOrder, c.held = s.order(berlin, 3)
	s.send(c.held, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: s.units(c.held, 1)})
	// Changes nothing.
	s.send(
		c.held,
		&fulfillment.ReleaseHold{Meta: fulfillment.Meta{Actor: fulfillment.Actor{App: "another"}}, OwnOnly: true},
	)

	c.mergedOrder, c.merged = s.order(berlin, 5)
	other := s.send(c.merged, &fulfillment.Split{Lines: s.units(c.merged, 2)}).SiblingID
	s.joint(
		c.mergedOrder,
		&fulfillment.Merge{
			Inputs: []fulfillment.MergeInput{
				{Intents: []fulfillment.MergeIntent{{FulfillmentOrderID: c.merged}, {FulfillmentOrderID: other}}},
			},
		},
	)
	parcel := s.send(c.merged, &fulfillment.CreateFulfillment{Lines: s.units(c.merged, 1)}).FulfillmentID
	s.send(c.merged, &fulfillment.CancelFulfillment{FulfillmentID: parcel})
	s.send(c.merged, &fulfillment.CancelFulfillment{FulfillmentID: parcel}) // Does nothing.
	s.send(c.merged, &fulfillment.CreateFulfillment{Lines: s.units(c.merged, 2)})

	c.editedOrder, c.edited = s.order(berlin, 4)
	edit := fulfillment.EditOrder{Meta: fulfillment.Meta{CommandID: "edit-order"}, OrderID: c.editedOrder,
		Add:           []fulfillment.LineItem{{Title: "Bell", SKU: "BELL", Quantity: 1, LocationID: berlin}},
		SetQuantities: []fulfillment.Quantity{{ID: s.Load(c.edited).Lines[0].LineItemID, Quantity: 3}}}
	if _, err := s.Command.EditOrder(t.Context(), edit); err != nil {
		t.Fatal(err)
	}
	s.did(c.editedOrder, 0, "Edit", &edit.Meta)

	c.playShipments(t, s, berlin)

	if _, err := s.Command.CreateOrder(
		t.Context(),
		fulfillment.Order{LineItems: []fulfillment.LineItem{{Title: "Bell", Quantity: 1, LocationID: 404}}},
	); err == nil {
		t.Error("an order for a location that doesn't exist was accepted")
	}
	unreadable, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: temporalio.FulfillmentOrderID(4711), TaskQueue: temporalio.TaskQueue,
	}, temporalio.FulfillmentOrderType, "no input")
	if err != nil {
		t.Fatal(err)
	}
	if unreadable.Get(t.Context(), nil) == nil {
		t.Error("a fulfillment order that doesn't exist was started with an input that is none")
	}
	delivered := s.Eventually(c.shipped, "delivered", (*fulfillment.FulfillmentOrder).Finished)
	s.Temporal.GetWorkflow(t.Context(), "fulfillment-order/"+c.shipped.String(), "").Get(t.Context(), nil) //nolint:errcheck // It only waits.
	s.send(
		c.shipped,
		&fulfillment.UpdateTracking{
			FulfillmentID: delivered.Fulfillments[0].ID, Tracking: fulfillment.TrackingInput{Number: "1Z"},
		},
	)
	s.send(c.shipped, &fulfillment.SetDeadline{FulfillBy: new(time.Now().Add(time.Hour))})
	return c
}

// playShipments ships from two fulfillment orders at once, with a carrier that has news, and waits in vain for news of
// another shipment.
func (c *cast) playShipments(t *testing.T, s *scene, location fulfillment.ID) {
	t.Helper()
	c.sharedOrder, c.shared = s.order(location, 5)
	other := s.send(c.shared, &fulfillment.Split{Lines: s.units(c.shared, 2)}).SiblingID
	s.joint(c.sharedOrder,
		&fulfillment.Ship{Tracking: &fulfillment.TrackingInput{Company: "UPS", Numbers: []string{"1Z1", "1Z2"}},
			Groups: []fulfillment.ShipGroup{{FulfillmentOrderID: c.shared}, {FulfillmentOrderID: other}}})
	parcel := s.Load(c.shared).Fulfillments[0].ID
	estimate := time.Now().Add(48*time.Hour + 1500*time.Nanosecond)
	s.send(
		c.shared,
		&fulfillment.RecordEvent{
			FulfillmentID: parcel, Status: fulfillment.EventInTransit, EstimatedDeliveryAt: &estimate,
		},
	)
	s.send(c.shared, &fulfillment.RecordEvent{FulfillmentID: parcel, Status: fulfillment.EventOutForDelivery})
	s.send(
		c.shared,
		&fulfillment.RecordEvent{
			FulfillmentID: parcel, Status: fulfillment.EventConfirmed, HappenedAt: new(time.Now().Add(-time.Hour)),
		},
	)

	created, err := s.Command.CreateOrder(t.Context(),
		fulfillment.Order{DeliveryTimeout: fulfillment.Duration(time.Millisecond),
			LineItems: []fulfillment.LineItem{{Title: "Bell", Quantity: 1, LocationID: location}}})
	if err != nil {
		t.Fatal(err)
	}
	c.givenUp = created.FulfillmentOrderIDs[0]
	c.givenUpOrder = s.Load(c.givenUp).OrderID
	s.saw.Orders = append(s.saw.Orders, c.givenUpOrder)
	s.send(c.givenUp, &fulfillment.CreateFulfillment{})
	s.Eventually(c.givenUp, "given up", (*fulfillment.FulfillmentOrder).Finished)
}

// units names units of the first line of a fulfillment order.
func (s *scene) units(id fulfillment.ID, n int) []fulfillment.Quantity {
	s.t.Helper()
	return []fulfillment.Quantity{{ID: s.Load(id).Lines[0].ID, Quantity: n}}
}
