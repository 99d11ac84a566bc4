package watch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/watch"
	"packhorse/internal/worker/workertest"
)

// TestDoubtAtStart has a store that is ahead of a workflow, with nothing that is due: only a process that starts finds
// it, and once.
func TestDoubtAtStart(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id, over, known := s.Order(s.Warehouse("Berlin").ID, 1), s.Order(s.Warehouse("Hamburg").ID, 1), s.Order(s.Warehouse("Bonn").ID, 1)
	s.Send(known, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	shipped := s.Send(over, &fulfillment.CreateFulfillment{}).FulfillmentID
	s.Send(over, &fulfillment.RecordEvent{FulfillmentID: shipped, Status: fulfillment.EventDelivered})
	if err := s.Temporal.GetWorkflow(t.Context(), temporalio.FulfillmentOrderID(over), "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	aheadOf(t, s, id)

	ctx, stop := context.WithCancel(t.Context())
	w := watchOver(t, s)
	w.Interval = 10 * time.Millisecond
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	workertest.WaitFor(t, "a workflow that knows what the store has", func() bool { return s.State(id).Status == fulfillment.StatusOnHold })
	workertest.WaitFor(t, "the end of all doubts", func() bool {
		overdue, err := s.Store.Overdue(t.Context(), time.Now(), postgres.Overdue{})
		return err == nil && len(overdue) == 0
	})
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := s.Temporal.QueryWorkflow(t.Context(), temporalio.FulfillmentOrderID(over), "", temporalio.StateQuery); err != nil {
		t.Fatal(err)
	}
	if run := s.Temporal.GetWorkflow(t.Context(), temporalio.FulfillmentOrderID(over), ""); run.Get(t.Context(), nil) != nil {
		t.Error("a life that is over was begun again")
	}
}

// TestDoubtAfterLostTask has a server that does not take a workflow task.
func TestDoubtAfterLostTask(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	doubt := new(watch.Doubt)
	w := watchOver(t, s)
	w.Doubt = doubt
	aheadOf(t, s, id)
	sweeps(t, w, watch.Swept{})
	lost := errors.New("the task is lost")
	task := &workflowservice.RespondWorkflowTaskCompletedRequest{ResourceId: "workflow:" + temporalio.FulfillmentOrderID(id)}
	for _, answer := range []error{nil, lost} {
		got := doubt.Intercept(t.Context(), "", task, nil, nil, func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return answer })
		if got != answer {
			t.Errorf("got %v, want the answer %v", got, answer)
		}
		if answer == nil {
			sweeps(t, w, watch.Swept{})
		}
	}
	sweeps(t, w, watch.Swept{Overdue: 1, Looked: 1, Refreshed: 1})
	if state := s.State(id); state.Status != fulfillment.StatusOnHold {
		t.Errorf("the workflow is %s, want ON_HOLD", state.Status)
	}
	sweeps(t, w, watch.Swept{})
}

// aheadOf commits a hold of which the workflow hears nothing.
func aheadOf(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	decision, err := s.Load(id).Decide(&fulfillment.PlaceHold{Meta: fulfillment.Meta{CommandID: "lost"}, Reason: fulfillment.HoldOther},
		fulfillment.Env{Now: time.Now().UTC(), IDs: fulfillment.NewIDs(new(fulfillment.Minter).Mint())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.Commit(t.Context(), fulfillment.CommitOf(decision.State, decision)); err != nil {
		t.Fatal(err)
	}
}

func in(d time.Duration) *time.Time {
	t := time.Now().Add(d).UTC()
	return &t
}
