package audit

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// TestWorkflows breaks workflows: one is terminated, the tasks of one fail, a task of one
// panicked once, one is open for nothing, one is reserved, and
// one has taken a command that it never answers.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	berlin := s.Warehouse("Berlin").ID
	terminatedOrder, terminated := s.order(berlin, 1)
	reservedOrder, reserved := s.order(berlin, 1)
	_, held := s.order(s.service("Quick", quick(nil)), 2)
	s.send(held, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: s.units(held, 1)})
	fulfilled := s.send(held, &fulfillment.ReleaseHold{}).FulfillmentOrderID // Makes a reservation that ends.
	s.send(fulfilled, &fulfillment.SubmitFulfillmentRequest{})
	s.Eventually(fulfilled, "delivered", (*fulfillment.FulfillmentOrder).Finished)
	from := s.on(t, string(s.Settings.Database.URL))
	comesToRest(t, from)
	requireBlames(t, blames(t, from, s.saw))

	if err := s.Temporal.TerminateWorkflow(
		t.Context(), temporalio.FulfillmentOrderID(terminated), "", "test",
	); err != nil {
		t.Fatal(err)
	}
	failing := failingOrder(t, s)
	panicked := panickedOrder(t, s)
	_, err := s.Temporal.ExecuteWorkflow(
		t.Context(), client.StartWorkflowOptions{ID: temporalio.OrderID(4712), TaskQueue: "nobody"},
		temporalio.OrderType,
	)
	if err != nil {
		t.Fatal(err)
	}
	reserve(t, s, reserved)
	waitFor(t, "a list with all of them", func() bool {
		// The store doesn't know those that failed or have nothing to do.
		listed, err := listRuns(t.Context(), from, "")
		return err == nil && listed[temporalio.OrderID(failing)] != nil && listed[temporalio.OrderID(4712)] != nil &&
			listed[temporalio.OrderID(panicked)] != nil
	})
	if waitingFor, err := AtRest(t.Context(), from); err != nil || waitingFor == "" {
		t.Errorf("with all that under way, nothing is waited for (%v)", err)
	}
	requireBlames(t, blames(t, from, s.saw),
		blame{WorkflowsEndWell, terminatedOrder, terminated},
		blame{WorkflowsNotStuck, failing, 0},
		blame{WorkflowsNotStuck, panicked, 0},
		blame{WorkflowsLive, 4712, 0},
		blame{ReservationsEnd, reservedOrder, reserved},
		blame{WorkflowsNotStuck, reservedOrder, reserved}, // By the command that waits for the end of the reservation.
	)
}

// failingOrder starts an order's workflow whose tasks fail.
func failingOrder(t *testing.T, s *scene) fulfillment.ID {
	t.Helper()
	const queue, id = "failing", fulfillment.ID(4711)
	w := worker.New(s.Temporal, queue, worker.Options{})
	w.RegisterWorkflowWithOptions(
		func(workflow.Context) error { panic(errors.New("broken on purpose")) },
		workflow.RegisterOptions{Name: temporalio.OrderType},
	)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	if _, err := s.Temporal.ExecuteWorkflow(
		t.Context(), client.StartWorkflowOptions{ID: temporalio.OrderID(id), TaskQueue: queue}, temporalio.OrderType,
	); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "a second attempt", func() bool {
		answer, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.OrderID(id), "")
		return err == nil && answer.GetPendingWorkflowTask().GetAttempt() > 1
	})
	return id
}

// panickedOrder runs an order's workflow whose first task panics; it goes well the second time.
func panickedOrder(t *testing.T, s *scene) fulfillment.ID {
	t.Helper()
	const queue, id = "panicking", fulfillment.ID(4713)
	var tasks atomic.Int64
	w := worker.New(s.Temporal, queue, worker.Options{})
	w.RegisterWorkflowWithOptions(func(workflow.Context) error {
		if tasks.Add(1) == 1 {
			panic(errors.New("broken for a while"))
		}
		return nil
	}, workflow.RegisterOptions{Name: temporalio.OrderType})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	run, err := s.Temporal.ExecuteWorkflow(
		t.Context(), client.StartWorkflowOptions{ID: temporalio.OrderID(id), TaskQueue: queue}, temporalio.OrderType,
	)
	if err == nil {
		err = run.Get(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// reserve reserves a fulfillment order for a joint command that never comes, and sends a command that must wait for it.
func reserve(t *testing.T, s *scene, id fulfillment.ID) {
	t.Helper()
	handle, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: temporalio.ReserveUpdate, UpdateID: "reserve",
		Args: []any{temporalio.Reservation{By: "Merge of nothing"}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: string(fulfillment.VerbHold), UpdateID: "hold",
		Args:         []any{&fulfillment.PlaceHold{Reason: fulfillment.HoldOther}},
		WaitForStage: client.WorkflowUpdateStageAccepted,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("there never was %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}
