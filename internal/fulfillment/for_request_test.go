package fulfillment_test

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// TestForRequest: what a service says about a request is not taken for an answer to the one after it, alone or with
// others.
func TestForRequest(t *testing.T) {
	t.Parallel()
	const present, earlier = "fulfillment-order/1#8", "fulfillment-order/1#2"
	service := fulfillment.Actor{Role: fulfillment.RoleService, App: "http", ServiceID: 9}
	fo := func(request fulfillment.RequestStatus, status fulfillment.Status) *fulfillment.FulfillmentOrder {
		return &fulfillment.FulfillmentOrder{
			ID: 1, OrderID: 2, Sequence: 8, Status: status, RequestStatus: request, RequestKey: present,
			AssignedLocation: fulfillment.AssignedLocation{LocationID: 3, ServiceID: 9, Provider: "http"},
			Lines:            []fulfillment.Line{{ID: 4, LineItemID: 5, Total: 1, Remaining: 1}},
		}
	}
	for _, key := range []string{"", present, earlier} {
		meta := fulfillment.Meta{Actor: service, ForRequest: key}
		env := fulfillment.Env{Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), IDs: fulfillment.NewIDs(100)}
		_, alone := fo(fulfillment.RequestSubmitted, fulfillment.StatusOpen).
			Decide(&fulfillment.AcceptFulfillmentRequest{Meta: meta}, env)
		_, joint := fulfillment.DecideJointly(&fulfillment.Alone{
			FulfillmentOrderID: 1, Command: &fulfillment.AcceptCancellationRequest{Meta: meta},
		}, []*fulfillment.FulfillmentOrder{
			fo(fulfillment.RequestCancellationRequested, fulfillment.StatusInProgress),
		}, env)
		for name, err := range map[string]error{"alone": alone, "with others": joint} {
			refused, ok := fulfillment.AsError(err)
			if stale := key == earlier; ok != stale || stale && refused.Code != fulfillment.CodeInvalidState {
				t.Errorf("%s, about %q: %v", name, key, err)
			}
		}
	}
}

// TestShipForRequest: who ships for a request does so only while it stands; who names none ships as ever.
func TestShipForRequest(t *testing.T) {
	t.Parallel()
	const key = "fulfillment-order/1#8"
	for request, stands := range map[fulfillment.RequestStatus]bool{
		fulfillment.RequestAccepted: true, fulfillment.RequestCancellationRejected: true,
		fulfillment.RequestCancellationRequested: false, fulfillment.RequestCancellationAccepted: false,
	} {
		for _, named := range []string{key, ""} {
			fo := &fulfillment.FulfillmentOrder{
				ID: 1, OrderID: 2, Sequence: 8, Status: fulfillment.StatusInProgress, RequestStatus: request,
				RequestKey:       key,
				AssignedLocation: fulfillment.AssignedLocation{LocationID: 3, ServiceID: 9, Provider: "easypost"},
				Lines:            []fulfillment.Line{{ID: 4, LineItemID: 5, Total: 1, Remaining: 1}},
			}
			if request == fulfillment.RequestCancellationAccepted {
				fo.Status = fulfillment.StatusCancelled
			}
			_, err := fo.Decide(&fulfillment.CreateFulfillment{Meta: fulfillment.Meta{
				Actor:      fulfillment.Actor{Role: fulfillment.RoleService, App: "easypost", ServiceID: 9},
				ForRequest: named,
			}}, fulfillment.Env{Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), IDs: fulfillment.NewIDs(100)})
			refused, ok := fulfillment.AsError(err)
			if want := named != "" && !stands; ok != want || ok && refused.Code != fulfillment.CodeInvalidState {
				t.Errorf("%s, for %q: %v", request, named, err)
			}
		}
	}
}
