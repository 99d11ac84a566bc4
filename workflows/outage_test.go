package workflows_test

import (
	"context"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/google/uuid"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestDatabaseDown sends a command while PostgreSQL is stopped: it is waited for, not failed.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	server := devstacktest.NewPostgres(t)
	if err := server.CreateDatabase(t.Context(), "outage"); err != nil {
		t.Fatal(err)
	}
	s := workertest.StartOn(t, server.URL("outage"))
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)}) // It has loaded its snapshot then.
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := s.Command.Send(
			context.WithoutCancel(t.Context()), id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther},
		)
		answered <- err
	}()
	// The commit has left the workflow task and waits as a normal activity before the database comes back.
	workertest.WaitFor(t, "the commit as a normal activity", func() bool {
		return count(history(t, s, temporalio.FulfillmentOrderID(id)), enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) > 0
	})
	select {
	case err := <-answered:
		t.Fatalf("answered %v while the store was down", err)
	default:
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if fo := s.Load(id); fo.Status != fulfillment.StatusOnHold {
		t.Errorf("status %s, want ON_HOLD", fo.Status)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestDatabaseDownForOrder takes an order in while PostgreSQL is stopped. Its commit leaves the workflow task, and what
// it becomes is started as its children.
func TestDatabaseDownForOrder(t *testing.T) {
	t.Parallel()
	server := devstacktest.NewPostgres(t)
	if err := server.CreateDatabase(t.Context(), "outage"); err != nil {
		t.Fatal(err)
	}
	s := workertest.StartOn(t, server.URL("outage"))
	berlin := s.Warehouse("Berlin").ID
	s.Order(berlin, 1) // The worker takes tasks then: one that starts in an outage waits before it does.
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	order := fulfillment.Order{
		ID: 4711, Name: "#4711",
		LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, LocationID: berlin}},
	}
	answered := make(chan error, 1)
	var created fulfillment.OrderCreated
	go func() {
		var err error
		created, err = s.Command.CreateOrder(context.WithoutCancel(t.Context()), order)
		answered <- err
	}()
	workertest.WaitFor(t, "the commit as a normal activity", func() bool {
		if _, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.OrderID(order.ID), ""); err != nil {
			return false // It has not been started yet.
		}
		return count(history(t, s, temporalio.OrderID(order.ID)), enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) > 0
	})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if n := count(
		history(t, s, temporalio.OrderID(order.ID)), enumspb.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
	); n != 1 {
		t.Errorf("%d children, want 1", n)
	}
	s.Send(created.FulfillmentOrderIDs[0], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	replays(t, s, temporalio.OrderID(order.ID))
}

// TestWorkerAway commands a fulfillment order while no worker runs: whoever waits gets the answer when one is there,
// and whoever went away gets it with the same command ID later.
func TestWorkerAway(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)}) // It has no task of its own to do then.
	s.StopWorker()
	ship := func(ctx context.Context) (fulfillment.Result, error) {
		return s.Command.Send(ctx, id, &fulfillment.CreateFulfillment{Meta: fulfillment.Meta{CommandID: "ship"}})
	}
	type outcome struct {
		fulfillment.Result
		err error
	}
	impatient, leave := context.WithCancel(t.Context())
	left, answered := make(chan outcome, 1), make(chan outcome, 1)
	go func() {
		result, err := ship(impatient)
		left <- outcome{result, err}
	}()
	// The server writes a task for a command down when, for some seconds, nobody has taken it.
	workertest.WaitFor(t, "a task that nobody takes", func() bool {
		events := history(t, s, temporalio.FulfillmentOrderID(id))
		switch events[len(events)-1].EventType {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enumspb.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
			return true
		}
		return false
	})
	go func() {
		result, err := ship(context.WithoutCancel(t.Context()))
		answered <- outcome{result, err}
	}()
	leave()
	if got := <-left; got.err == nil {
		t.Fatalf("answered %+v while no worker ran", got.Result)
	}
	select {
	case got := <-answered:
		t.Fatalf("answered %+v, %v while no worker ran", got.Result, got.err)
	default:
	}
	if n := len(s.Load(id).Fulfillments); n != 0 {
		t.Fatalf("%d fulfillments before a worker ran", n)
	}
	s.StartWorker()
	waited := <-answered
	if waited.err != nil {
		t.Fatal(waited.err)
	}
	again, err := ship(t.Context())
	if err != nil || again.FulfillmentID != waited.FulfillmentID {
		t.Errorf("later: fulfillment %d, %v; who waited got %d", again.FulfillmentID, err, waited.FulfillmentID)
	}
	if n := len(s.Load(id).Fulfillments); n != 1 {
		t.Errorf("%d fulfillments, want 1", n)
	}
}

// TestContinueAsNew lives so long that its history is cut, and still remembers the first command.
func TestContinueAsNew(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 10)
	line := s.Load(id).Lines[0].ID
	first := presentRun(t, s, id)
	for i := 0; presentRun(t, s, id) == first; i++ {
		if i > 1000 {
			t.Fatal("a thousand commands and still the first run")
		}
		s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	}
	ship := &fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: line, Quantity: 1}}}
	ship.CommandID = "after"
	done := s.Send(id, ship)
	if again := s.Send(id, ship); again.FulfillmentID != done.FulfillmentID {
		t.Errorf("repeated: fulfillment %d, first %d", again.FulfillmentID, done.FulfillmentID)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestCallOutlivesHistory has a provider call under way while the history grows: the run that made it waits for it.
func TestCallOutlivesHistory(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	// No worker serves it.
	id := s.Order(s.Service(fulfillment.Service{Name: "Nobody", Provider: "nobody"}).LocationID, 1)
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	first := presentRun(t, s, id)
	for range 20 {
		for range 20 {
			s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
		}
		if len(history(t, s, temporalio.FulfillmentOrderID(id))) > 2100 {
			break
		}
	}
	if n := len(history(t, s, temporalio.FulfillmentOrderID(id))); n <= 2100 {
		t.Fatalf("the history has %d events: too short to tell", n)
	}
	if presentRun(t, s, id) != first {
		t.Error("it continued as new with a provider call under way")
	}
}

// TestReset sends a workflow back to its first task, as an operator does after a bad deploy. The store is ahead of
// it then; nothing may happen twice and the next command must work.
func TestReset(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 5)
	line := s.Load(id).Lines[0].ID
	ship := func(commandID string) *fulfillment.CreateFulfillment {
		c := &fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: line, Quantity: 1}}}
		c.CommandID = commandID
		return c
	}
	one := s.Send(id, ship("one"))
	s.Send(id, ship("two"))
	workflowID := temporalio.FulfillmentOrderID(id)
	run := presentRun(t, s, id)
	_, err := s.Temporal.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: s.Settings.Temporal.Namespace, WorkflowExecution: execution(workflowID, run), Reason: "test",
		WorkflowTaskFinishEventId: 4, RequestId: uuid.NewString(),
		ResetReapplyExcludeTypes: []enumspb.ResetReapplyExcludeType{
			enumspb.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, enumspb.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if again := s.Send(id, ship("one")); again.FulfillmentID != one.FulfillmentID {
		t.Errorf(
			"after the reset the first command made fulfillment %d, before it was %d", again.FulfillmentID,
			one.FulfillmentID,
		)
	}
	s.Send(id, ship("three"))
	if fo := s.Load(id); fo.RemainingUnits() != 2 || len(fo.Fulfillments) != 3 {
		t.Errorf("%d units left and %d fulfillments, want 2 and 3", fo.RemainingUnits(), len(fo.Fulfillments))
	}
	replays(t, s, workflowID)
}
