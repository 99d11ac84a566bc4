package workflows_test

import (
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// startWatching starts the worker again, with a watch that lets nothing wait.
func startWatching(s *workertest.Stack) {
	s.StopWorker()
	s.Settings.Worker.WatchInterval, s.Settings.Worker.WatchGrace = 50*time.Millisecond, 0
	s.StartWorker()
}

func terminate(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	if err := s.Temporal.TerminateWorkflow(t.Context(), temporalio.FulfillmentOrderID(id), "", "test"); err != nil {
		t.Fatal(err)
	}
}

// calledOnce checks that the simulated provider did one thing, and was asked for it once.
func calledOnce(t *testing.T, s *workertest.Stack) {
	t.Helper()
	effects := effectsOf(t, s)
	if len(effects) != 1 || effects[0].Effects != 1 || effects[0].Calls != 1 {
		t.Errorf("the provider did %+v, want one thing once", effects)
	}
}

func taken(fo *fulfillment.FulfillmentOrder) bool {
	return len(fo.Effects) == 1 && fo.Effects[0].Status == fulfillment.EffectWaiting
}

// TestWatchRevives has workflows that an operator terminated: what comes due of them happens nevertheless.
func TestWatchRevives(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	service := s.Service(
		fulfillment.Service{Name: "North", Provider: "simulated", Options: map[string]any{"answer": "manual"}},
	)

	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
		FulfillAt: in(time.Hour),
		LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, LocationID: berlin}},
	})
	if err != nil {
		t.Fatal(err)
	}
	scheduled := created.FulfillmentOrderIDs[0]
	asked := s.Order(service.LocationID, 1)
	s.StopWorker()
	ahead(t, s, scheduled, &fulfillment.Reschedule{FulfillAt: *in(time.Second)})
	terminate(t, s, scheduled)
	ahead(t, s, asked, &fulfillment.SubmitFulfillmentRequest{})
	terminate(t, s, asked)

	startWatching(s)
	s.Eventually(
		scheduled, "open", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusOpen },
	)
	s.Eventually(asked, "taken by the provider", taken)
	calledOnce(t, s)
	for _, id := range []fulfillment.ID{scheduled, asked} {
		s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
		replays(t, s, temporalio.FulfillmentOrderID(id))
	}
}

// ahead puts a decision into the store that the workflow knows nothing of: the task that committed it was lost, and the
// command with it. The worker must be stopped.
func ahead(t *testing.T, s *workertest.Stack, id fulfillment.ID, cmd fulfillment.Command) {
	t.Helper()
	cmd.Envelope().CommandID = "lost/" + id.String()
	decision, err := s.Load(id).Decide(
		cmd, fulfillment.Env{Now: time.Now().UTC(), IDs: fulfillment.NewIDs(new(fulfillment.Minter).Mint())},
	)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.Commit(t.Context(), fulfillment.CommitOf(decision.State, decision)); err != nil {
		t.Fatal(err)
	}
}

// TestWatchTellsOfTheStore has a store that is ahead of a workflow that lives: the provider hears of the request, once.
func TestWatchTellsOfTheStore(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	service := s.Service(
		fulfillment.Service{Name: "North", Provider: "simulated", Options: map[string]any{"answer": "manual"}},
	)
	id := s.Order(service.LocationID, 2)
	s.StopWorker()
	ahead(t, s, id, &fulfillment.SubmitFulfillmentRequest{})
	run := presentRun(t, s, id)

	startWatching(s)
	s.Eventually(id, "taken by the provider", taken)
	calledOnce(t, s)
	if presentRun(t, s, id) != run {
		t.Error("the workflow was started again, and it was running")
	}
	refreshes := func() int { // The provider is called in the task that completes the refresh, a moment before.
		return count(
			history(t, s, temporalio.FulfillmentOrderID(id)), enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
		)
	}
	workertest.WaitFor(t, "the refresh", func() bool { return refreshes() > 0 })
	if n := refreshes(); n != 1 {
		t.Errorf("%d updates, want one refresh", n)
	}
	// The command that was lost gets the answer that the store has.
	again := &fulfillment.SubmitFulfillmentRequest{}
	again.CommandID = "lost/" + id.String()
	if result := s.Send(id, again); result.Sequence != 2 {
		t.Errorf("repeated: %+v", result)
	}
	s.Send(id, &fulfillment.AcceptFulfillmentRequest{})
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestRefreshChangesNothing has a workflow that knows everything: it goes on as before.
func TestRefreshChangesNothing(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	before := s.Load(id).Sequence
	if err := s.Updates.Refresh(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	if fo := s.Load(id); fo.Sequence != before+1 || fo.Status != fulfillment.StatusOnHold {
		t.Errorf("%s with sequence %d, want ON_HOLD with %d", fo.Status, fo.Sequence, before+1)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestRefreshOfOneThatIsOver starts a workflow that has nothing to do: it ends again.
func TestRefreshOfOneThatIsOver(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	shipped := s.Send(id, &fulfillment.CreateFulfillment{})
	s.Send(id, &fulfillment.RecordEvent{FulfillmentID: shipped.FulfillmentID, Status: fulfillment.EventDelivered})
	workflowID := temporalio.FulfillmentOrderID(id)
	closes(t, s, workflowID)
	if err := s.Updates.Refresh(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	closes(t, s, workflowID)
	replays(t, s, workflowID)
}
