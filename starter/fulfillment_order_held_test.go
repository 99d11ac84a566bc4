package main

import (
	"testing"

	"packhorse/internal/fulfillment"
)

// TestWaitsForAService: what keeps a service from shipping is what is waited for, unless it is asked to stop.
func TestWaitsForAService(t *testing.T) {
	t.Parallel()
	fo := &fulfillment.FulfillmentOrder{
		Status: fulfillment.StatusInProgress, RequestStatus: fulfillment.RequestAccepted,
		AssignedLocation: fulfillment.AssignedLocation{ServiceID: 1, ServiceName: "Nordlicht 3PL"},
		Holds: []fulfillment.Hold{
			{Reason: fulfillment.HoldInventoryOutOfStock}, {Reason: fulfillment.HoldIncorrectAddress},
		},
	}
	a := &app{}
	if got, want := a.waitsFor(fo, nil), "Nordlicht 3PL: inventory out of stock, incorrect address"; got != want {
		t.Errorf("it waits for %q, want %q", got, want)
	}
	fo.RequestStatus = fulfillment.RequestCancellationRequested
	if got, want := a.waitsFor(fo, nil), "an answer of Nordlicht 3PL about stopping"; got != want {
		t.Errorf("asked to stop, it waits for %q, want %q", got, want)
	}
}
