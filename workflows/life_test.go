package workflows_test

import (
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestHappyPath is the life that most orders have; it bounds what one costs.
func TestHappyPath(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	service := s.Service(
		fulfillment.Service{Name: "North", Provider: "simulated", Options: map[string]any{"answer": "manual"}},
	)
	by := time.Now().Add(24 * time.Hour)
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
		FulfillBy: &by,
		LineItems: []fulfillment.LineItem{{Title: "Blanket", SKU: "B", Quantity: 2, LocationID: service.LocationID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := created.FulfillmentOrderIDs[0]
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{Message: "please"})
	s.Eventually(id, "taken by the provider", func(fo *fulfillment.FulfillmentOrder) bool {
		return len(fo.Effects) == 1 && fo.Effects[0].Status == fulfillment.EffectWaiting
	})
	s.Send(id, &fulfillment.AcceptFulfillmentRequest{})
	shipped := s.Send(
		id, &fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Company: "UPS", Number: "1Z"}},
	)
	if shipped.Status != fulfillment.StatusClosed || shipped.FulfillmentID == 0 {
		t.Fatalf("shipping everything gave %+v, want CLOSED with a fulfillment", shipped)
	}
	s.Send(id, &fulfillment.RecordEvent{FulfillmentID: shipped.FulfillmentID, Status: fulfillment.EventInTransit})
	s.Send(id, &fulfillment.RecordEvent{FulfillmentID: shipped.FulfillmentID, Status: fulfillment.EventDelivered})
	closes(t, s, temporalio.FulfillmentOrderID(id))

	order, life := history(t, s, temporalio.OrderID(created.OrderID)), history(t, s, temporalio.FulfillmentOrderID(id))
	if total := len(order) + len(life); total > 60 {
		for _, e := range append(order, life...) {
			t.Log(e.EventId, e.EventType)
		}
		t.Errorf("a happy path costs %d history events, want at most 60", total)
	}
	t.Logf("events: order %d, fulfillment order %d", len(order), len(life))
	// Five commands and the provider's answer: one commit each. At the start, the snapshot was loaded.
	if markers := count(life, enumspb.EVENT_TYPE_MARKER_RECORDED); markers != 7 {
		t.Errorf(
			"%d markers, want 7: the snapshot, one commit for each command and one for the provider's answer", markers,
		)
	}
	// The order's commit has started its fulfillment order: no child, no second workflow task.
	if tasks := count(order, enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED); tasks != 1 {
		t.Errorf("%d workflow tasks of the order, want 1", tasks)
	}
	fo := s.Load(id)
	if f := fo.Fulfillments[0]; f.DisplayStatus != fulfillment.DisplayDelivered {
		t.Errorf("display status %s, want DELIVERED", f.DisplayStatus)
	}
	record, err := s.Store.Order(t.Context(), created.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	if record.DisplayFulfillmentStatus != fulfillment.OrderFulfilled {
		t.Errorf("order is %s, want FULFILLED", record.DisplayFulfillmentStatus)
	}
	replays(t, s, temporalio.OrderID(created.OrderID))
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

func TestAnsweredIsDurable(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 3)
	held := s.Send(
		id,
		&fulfillment.PlaceHold{
			Reason: fulfillment.HoldOther, Lines: []fulfillment.Quantity{{ID: s.Load(id).Lines[0].ID, Quantity: 1}},
		},
	)
	fo := s.Load(id)
	if fo.Status != fulfillment.StatusOnHold || fo.TotalUnits() != 1 {
		t.Errorf(
			"right after the answer the store says %s with %d units, want ON_HOLD with 1", fo.Status, fo.TotalUnits(),
		)
	}
	sibling := s.Load(held.SiblingID)
	if sibling.Status != fulfillment.StatusOpen || sibling.TotalUnits() != 2 {
		t.Errorf("sibling is %s with %d units, want OPEN with 2", sibling.Status, sibling.TotalUnits())
	}
	// The sibling lives: it takes commands of its own.
	s.Send(held.SiblingID, &fulfillment.CreateFulfillment{})
	replays(t, s, temporalio.FulfillmentOrderID(id))
	replays(t, s, temporalio.FulfillmentOrderID(held.SiblingID))
}

func TestClosedIsCommandedAgain(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	f := s.Send(id, &fulfillment.CreateFulfillment{}).FulfillmentID
	s.Send(id, &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventDelivered})
	closes(t, s, temporalio.FulfillmentOrderID(id))
	s.Send(
		id,
		&fulfillment.UpdateTracking{
			FulfillmentID: f, Tracking: fulfillment.TrackingInput{Number: "42", Company: "UPS"},
		},
	)
	if got := s.Load(id).Fulfillments[0].Tracking; len(got) != 1 || got[0].Number != "42" {
		t.Errorf("tracking is %v, want number 42", got)
	}
	closes(t, s, temporalio.FulfillmentOrderID(id))
	cancelled := s.Send(id, &fulfillment.CancelFulfillment{FulfillmentID: f})
	if s.Load(cancelled.SiblingID).Status != fulfillment.StatusOpen {
		t.Error("cancelling the fulfillment of a closed one did not open a new one")
	}
	closes(t, s, temporalio.FulfillmentOrderID(id))
	// What changes nothing takes its ID all the same, in every later run.
	again := &fulfillment.CancelFulfillment{Meta: meta("again"), FulfillmentID: f}
	first := s.Send(id, again)
	closes(t, s, temporalio.FulfillmentOrderID(id))
	if second := s.Send(id, again); second != first {
		t.Errorf("it is answered %+v, then %+v", first, second)
	}
	deadline := &fulfillment.SetDeadline{Meta: meta("again"), FulfillBy: in(time.Hour)}
	_, err := s.Command.Send(t.Context(), id, deadline)
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("another command with its ID: %v", err)
	}
}

func TestUnknownFulfillmentOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	_, err := s.Command.Send(t.Context(), 4711, &fulfillment.Cancel{})
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeNotFound {
		t.Errorf("got %v, want a refusal with code %s", err, fulfillment.CodeNotFound)
	}
}

func TestRefusedLeavesNoTrace(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)}) // Its answer ends the task before.
	before := len(history(t, s, temporalio.FulfillmentOrderID(id)))
	_, err := s.Command.Send(t.Context(), id, &fulfillment.AcceptFulfillmentRequest{})
	refused, ok := fulfillment.AsError(err)
	if !ok || refused.Message != "Cannot accept fulfillment request for the fulfillment order." {
		t.Fatalf("got %v, want Shopify's refusal", err)
	}
	if refused.Status != fulfillment.StatusOpen || len(refused.SupportedActions) == 0 {
		t.Errorf("the refusal does not say where it stands: %+v", refused)
	}
	if after := len(history(t, s, temporalio.FulfillmentOrderID(id))); after != before {
		t.Errorf("a refused command left %d events", after-before)
	}
}
