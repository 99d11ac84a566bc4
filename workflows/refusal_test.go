package workflows_test

import (
	"context"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestRefusalIsNotForEver sends a command that is refused after it was accepted, and again with the same command ID
// when it is possible: the server remembers the refusal for that update, the caller does not get it again.
func TestRefusalIsNotForEver(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	service := s.Service(fulfillment.Service{Name: "People", Provider: fulfillment.ManualProvider})
	id := s.Order(service.LocationID, 1)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	if _, err := s.Updates.Reserve(t.Context(), id, "Split of test"); err != nil {
		t.Fatal(err)
	}
	accepted := func() int {
		return count(
			history(t, s, temporalio.FulfillmentOrderID(id)), enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
		)
	}
	before := accepted()
	accept := func() (fulfillment.Result, error) {
		return s.Command.Send(context.WithoutCancel(t.Context()), id, &fulfillment.AcceptFulfillmentRequest{
			Meta: fulfillment.Meta{
				CommandID: "accept", FirstID: fulfillment.DerivedID("test", "accept"),
				Actor: fulfillment.Actor{Role: fulfillment.RoleService, ServiceID: service.ID},
			}})
	}
	refused := make(chan error, 1)
	go func() { _, err := accept(); refused <- err }()
	workertest.WaitFor(t, "the command in the history", func() bool { return accepted() > before })
	if err := s.Updates.Abort(t.Context(), id, "Split of test"); err != nil {
		t.Fatal(err)
	}
	err := <-refused
	if e, ok := fulfillment.AsError(err); !ok || e.RequestStatus != fulfillment.RequestUnsubmitted ||
		e.Sequence != s.Load(id).Sequence {
		t.Fatalf("got %v (%+v), want a refusal that says where the fulfillment order stands", err, e)
	}
	if _, err := accept(); err == nil {
		t.Fatal("accepted what nobody has asked for")
	}
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	if result, err := accept(); err != nil || result.RequestStatus != fulfillment.RequestAccepted {
		t.Fatalf("got %+v, %v; want the request accepted", result, err)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestRefusalByWhoIsBehind commands a fulfillment order whose workflow does not know yet what the store has.
func TestRefusalByWhoIsBehind(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	s.StopWorker()
	ahead(t, s, id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	s.StartWorker()
	if result := s.Send(id, &fulfillment.ReleaseHold{}); result.Status != fulfillment.StatusOpen {
		t.Errorf("got %+v, want the hold released", result)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestSignalAtTheEnd signals a command that only the order can decide to a fulfillment order which a joint command ends
// in the same moment. The run must not end before the order has answered.
func TestSignalAtTheEnd(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id, hamburg := s.Order(s.Warehouse("Berlin").ID, 1), s.Warehouse("Hamburg").ID
	if _, err := s.Updates.Reserve(t.Context(), id, "Merge of test"); err != nil {
		t.Fatal(err)
	}
	move := &fulfillment.Move{Meta: fulfillment.Meta{CommandID: "late"}, NewLocationID: hamburg}
	if err := s.Temporal.SignalWorkflow(
		t.Context(), temporalio.FulfillmentOrderID(id), "", string(move.Verb()), move,
	); err != nil {
		t.Fatal(err)
	}
	ahead(
		t, s, id,
		&fulfillment.CancelUnits{LineItems: []fulfillment.Quantity{{ID: s.Load(id).Lines[0].LineItemID, Quantity: 1}}},
	)
	if err := s.Updates.Apply(t.Context(), id, "Merge of test", nil); err != nil {
		t.Fatal(err)
	}
	closes(t, s, temporalio.FulfillmentOrderID(id))
	transitions, err := s.Store.Transitions(t.Context(), id, postgres.Page{})
	if err != nil {
		t.Fatal(err)
	}
	last := transitions.Items[len(transitions.Items)-1]
	if last.Kind != fulfillment.KindRefused || last.CommandID != "late" {
		t.Errorf("the last transition is %s by %q, want the late command refused", last.Kind, last.CommandID)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}
