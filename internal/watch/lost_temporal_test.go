package watch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestTemporalIsLost has a Temporal server that is gone with all that it knew, in the middle of many lives: beside the
// book there is an empty one. Everything goes on from the book, nothing is done twice, and commands that are sent again
// get the answers that they got.
func TestTemporalIsLost(t *testing.T) {
	t.Parallel()
	url := devstacktest.Database(t, postgres.Migrate)
	before := workertest.StartOn(t, url)
	robots := before.Service(fulfillment.Service{Name: "Robots", Provider: simulated.DefaultID})
	quiet := before.Order(before.Warehouse("Berlin").ID, 1) // Nothing is due of it.
	const lives = 24
	ids := make([]fulfillment.ID, lives)
	requests := make([]*fulfillment.SubmitFulfillmentRequest, lives)
	var mu sync.Mutex
	answers := map[fulfillment.ID]fulfillment.Result{}
	answered := make(chan struct{}, lives)
	ctx, lose := context.WithCancel(t.Context())
	var load errgroup.Group
	for i := range ids {
		ids[i] = before.Order(robots.LocationID, 1)
		requests[i] = &fulfillment.SubmitFulfillmentRequest{Meta: fulfillment.Meta{
			CommandID: "request " + ids[i].String(), FirstID: new(fulfillment.Minter).Mint(),
		}}
	}
	for i, id := range ids {
		load.Go(func() error {
			result, err := before.Command.Send(ctx, id, requests[i])
			if err == nil {
				mu.Lock()
				answers[id] = result
				mu.Unlock()
				answered <- struct{}{}
			}
			return nil
		})
	}
	for range lives / 3 {
		<-answered
	}
	lose()
	before.StopWorker()
	_ = load.Wait()

	after := workertest.StartOn(t, url) // In a namespace that knows nothing.
	w := watchOver(t, after)
	w.Interval = 100 * time.Millisecond
	watching, stop := context.WithCancel(t.Context())
	var watches errgroup.Group
	watches.Go(func() error { return w.Run(watching) })
	defer func() {
		stop()
		if err := watches.Wait(); err != nil {
			t.Error(err)
		}
	}()
	var again errgroup.Group
	for i, id := range ids {
		again.Go(func() error {
			result, err := after.Command.Send(t.Context(), id, requests[i])
			if was, ok := answers[id]; ok && (err != nil || result != was) {
				t.Errorf("fulfillment order %d answers %+v, %v; before it was %+v", id, result, err, was)
			}
			return err
		})
	}
	if err := again.Wait(); err != nil {
		t.Error(err)
	}
	for _, id := range ids {
		after.Eventually(id, "delivered", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Finished() })
	}
	if hold := after.Send(quiet, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther}); hold.HoldID == 0 {
		t.Error("one of which nothing was due took no command")
	}
	effects, err := after.Ledger().EffectsOf(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	done := map[fulfillment.ID]int{}
	for _, effect := range effects {
		done[effect.FulfillmentOrderID] += effect.Effects
	}
	for _, id := range ids {
		if fo := after.Load(id); done[id] != 1 || len(fo.Fulfillments) != 1 {
			t.Errorf("fulfillment order %d was asked for %d times and shipped %d times", id, done[id],
				len(fo.Fulfillments))
		}
	}
}

// TestHistoryIsForgotten has a life that was silent for longer than Temporal keeps what is over: its workflow has ended
// and is forgotten, with every answer that it gave.
func TestHistoryIsForgotten(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	ship := &fulfillment.CreateFulfillment{
		Meta: fulfillment.Meta{CommandID: "ship", FirstID: new(fulfillment.Minter).Mint()},
	}
	shipped := s.Send(id, ship)
	s.Send(id, &fulfillment.RecordEvent{FulfillmentID: shipped.FulfillmentID, Status: fulfillment.EventDelivered})
	forget(t, s, id)
	if again := s.Send(id, ship); again != shipped {
		t.Errorf("answered %+v, and before it was forgotten %+v", again, shipped)
	}
	s.Send(id, &fulfillment.UpdateTracking{
		FulfillmentID: shipped.FulfillmentID, Tracking: fulfillment.TrackingInput{Numbers: []string{"1Z"}},
	})
	if fo := s.Load(id); len(fo.Fulfillments) != 1 {
		t.Errorf("%d shipments, want one", len(fo.Fulfillments))
	}
}

// forget has the server forget a workflow that has ended, as it does after the namespace's retention.
func forget(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	workflowID := temporalio.FulfillmentOrderID(id)
	if err := s.Temporal.GetWorkflow(t.Context(), workflowID, "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Temporal.WorkflowService().DeleteWorkflowExecution(
		t.Context(), &workflowservice.DeleteWorkflowExecutionRequest{
			Namespace:         s.Settings.Temporal.Namespace,
			WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID},
		},
	); err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "the end of the history", func() bool {
		_, err := s.Temporal.DescribeWorkflowExecution(t.Context(), workflowID, "")
		return errors.As(err, new(*serviceerror.NotFound))
	})
}
