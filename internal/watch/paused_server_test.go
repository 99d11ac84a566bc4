package watch_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/watch"
	"packhorse/internal/worker/workertest"
)

// TestPausedByAServer has a server that can pause workflows: many of them, while others are lost and the database is
// set back. The dev server can't; other tests of paused workflows have something that stands for it.
func TestPausedByAServer(t *testing.T) {
	if os.Getenv("PACKHORSE_TEMPORAL_SERVER") == "" {
		t.Skip("the dev server can pause none: make newest")
	}
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	const paused, gone = 40, 5
	ids := make([]fulfillment.ID, paused)
	created := time.Now().Add(-time.Minute)
	for i := range ids {
		ids[i] = s.Order(berlin, 1)
		s.State(ids[i])
	}
	once := &fulfillment.PlaceHold{
		Meta:   fulfillment.Meta{CommandID: "once", FirstID: new(fulfillment.Minter).Mint()},
		Reason: fulfillment.HoldOther,
	}
	first := s.Send(ids[0], once)
	nobody := s.Service(fulfillment.Service{Name: "Nobody", Provider: "nobody"}).LocationID
	lost := make([]fulfillment.ID, gone)
	for i := range lost {
		lost[i] = s.Order(nobody, 1)
		s.Send(lost[i], &fulfillment.SubmitFulfillmentRequest{})
	}
	w := watchOver(t, s)
	setBack := s.Copy()
	compares(t, w)
	s.Send(ids[1], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	for _, id := range ids {
		if err := s.Store.SetDueAt(t.Context(), id, s.Load(id).Sequence, &created); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		pause(t, s, id)
	}
	for _, id := range lost {
		terminate(t, s, id)
	}

	began := time.Now()
	sweeps(t, w, watch.Swept{Overdue: paused + gone, Looked: paused + gone, Refreshed: gone, Paused: paused})
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the look took %v: something waited for paused workflows", took)
	}
	for _, id := range lost {
		s.State(id)
	}
	if again := s.Send(ids[0], once); again != first {
		t.Errorf("a command that was done is answered with %+v, and at first with %+v", again, first)
	}

	waits := make(chan error, 1)
	go func() {
		_, err := s.Command.Send(context.WithoutCancel(t.Context()), ids[2], &fulfillment.PlaceHold{
			Meta:   fulfillment.Meta{CommandID: "waits", FirstID: new(fulfillment.Minter).Mint()},
			Reason: fulfillment.HoldOther,
		})
		waits <- err
	}()
	setBack()
	compares(t, w)
	// One is of another version now.
	sweeps(t, w, watch.Swept{Overdue: paused + gone, Looked: 1, Paused: paused})
	for _, id := range ids {
		unpause(t, s, id)
	}
	if err := <-waits; err != nil {
		t.Errorf("a command that waited for the end of the pause: %v", err)
	}
	w.Close()
	w = watchOver(t, s) // It has not looked at any of them lately.
	if swept, err := w.Sweep(t.Context()); err != nil || swept.Paused != 0 || swept.Refreshed != 1 {
		t.Errorf("after the pause: swept %+v, %v; want one to be refreshed, which knew of what was lost", swept, err)
	}
	for _, id := range ids {
		if state, stored := s.State(id), s.Load(id); state.Sequence != stored.Sequence {
			t.Errorf("fulfillment order %d is at %d, and the database at %d", id, state.Sequence, stored.Sequence)
		}
		s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	}
	if fo := s.Load(ids[1]); len(fo.Holds) != 0 {
		t.Errorf("it has %d holds, and the database was set back to none", len(fo.Holds))
	}
}

func pause(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	if _, err := s.Temporal.WorkflowService().PauseWorkflowExecution(
		t.Context(), &workflowservice.PauseWorkflowExecutionRequest{
			Namespace: s.Settings.Temporal.Namespace, WorkflowId: temporalio.FulfillmentOrderID(id),
			Identity: "a person", Reason: "test", RequestId: uuid.NewString(),
		},
	); err != nil {
		t.Fatal(err)
	}
}

func unpause(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	if _, err := s.Temporal.WorkflowService().UnpauseWorkflowExecution(
		t.Context(), &workflowservice.UnpauseWorkflowExecutionRequest{
			Namespace: s.Settings.Temporal.Namespace, WorkflowId: temporalio.FulfillmentOrderID(id),
			Identity: "a person", Reason: "test", RequestId: uuid.NewString(),
		},
	); err != nil {
		t.Fatal(err)
	}
}
