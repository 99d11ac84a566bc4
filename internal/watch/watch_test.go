package watch_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/watch"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// watchOver is a watch that looks when the test says so.
func watchOver(t *testing.T, s *workertest.Stack) *watch.Watch {
	w := watch.New(watch.Config{Store: s.Store, Temporal: s.Temporal, Updates: s.Updates, Interval: time.Minute,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(w.Close)
	return w
}

// sweeps checks what a sweep finds.
func sweeps(t *testing.T, w *watch.Watch, want watch.Swept) {
	t.Helper()
	if got, err := w.Sweep(t.Context()); err != nil || got != want {
		t.Errorf("swept %+v, %v; want %+v", got, err, want)
	}
}

// events counts what the history of a fulfillment order's present run has.
func events(t *testing.T, s *workertest.Stack, id fulfillment.ID) int64 {
	t.Helper()
	described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.FulfillmentOrderID(id), "")
	if err != nil {
		t.Fatal(err)
	}
	return described.WorkflowExecutionInfo.HistoryLength
}

func terminate(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	if err := s.Temporal.TerminateWorkflow(t.Context(), temporalio.FulfillmentOrderID(id), "", "test"); err != nil {
		t.Fatal(err)
	}
}

// asked is a fulfillment order whose provider never answers: no worker serves it.
func asked(s *workertest.Stack) fulfillment.ID {
	id := s.Order(s.Service(fulfillment.Service{Name: "Nobody", Provider: "nobody"}).LocationID, 1)
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	return id
}

// TestWaitingIsLeftAlone has a provider that is down: the workflow knows it and tries again, and the watch adds nothing
// to its history.
func TestWaitingIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := asked(s)
	s.Order(s.Warehouse("Berlin").ID, 1) // Nothing is due of it.
	before := events(t, s, id)
	w := watchOver(t, s)
	sweeps(t, w, watch.Swept{Overdue: 1, Looked: 1})
	sweeps(t, w, watch.Swept{Overdue: 1}) // It has been asked just now.
	w.Close()
	sweeps(t, watchOver(t, s), watch.Swept{Overdue: 1, Looked: 1})
	if after := events(t, s, id); after != before {
		t.Errorf("%d events, and %d before the watch looked", after, before)
	}
}

// TestGrace leaves a workflow the time to do by itself what is due.
func TestGrace(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := asked(s)
	terminate(t, s, id)
	w := watchOver(t, s)
	w.Grace = time.Hour
	sweeps(t, w, watch.Swept{})
	w.Grace = 0
	sweeps(t, w, watch.Swept{Overdue: 1, Looked: 1, Refreshed: 1})
}

// TestOneWatches has two workers: one of them looks, and the other takes over when it is gone.
func TestOneWatches(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := asked(s)
	terminate(t, s, id)
	one, other := watchOver(t, s), watchOver(t, s)
	sweeps(t, one, watch.Swept{Overdue: 1, Looked: 1, Refreshed: 1})
	terminate(t, s, id)
	sweeps(t, other, watch.Swept{Elsewhere: true})
	sweeps(t, one, watch.Swept{Overdue: 1}) // It still has the right, and looks again later.
	one.Close()
	sweeps(t, other, watch.Swept{Overdue: 1, Looked: 1, Refreshed: 1})
	sweeps(t, one, watch.Swept{Elsewhere: true})
}

// TestWrongTimeIsCorrected has a row of a time when nobody wrote down what is due: it is looked at once.
func TestWrongTimeIsCorrected(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	nothing := s.Order(s.Warehouse("Berlin").ID, 1)
	later := s.Order(s.Warehouse("Hamburg").ID, 1)
	by := time.Now().Add(time.Hour)
	s.Send(later, &fulfillment.SetDeadline{FulfillBy: &by})
	created := time.Now().Add(-time.Minute)
	for _, id := range []fulfillment.ID{nothing, later} {
		if err := s.Store.SetDueAt(t.Context(), id, s.Load(id).Sequence, &created); err != nil {
			t.Fatal(err)
		}
	}
	terminate(t, s, later)
	w := watchOver(t, s)
	sweeps(t, w, watch.Swept{Overdue: 2, Looked: 2, Refreshed: 1})
	sweeps(t, w, watch.Swept{}) // Both are corrected.
	w.Grace = -2 * time.Hour
	sweeps(t, w, watch.Swept{Overdue: 1, Looked: 1})
}

// down is a Temporal server that answers nothing.
type down struct {
	client.Client
	asked atomic.Int64
}

// QueryWorkflowWithOptions fails.
func (d *down) QueryWorkflowWithOptions(
	context.Context, *client.QueryWorkflowWithOptionsRequest,
) (*client.QueryWorkflowWithOptionsResponse, error) {
	d.asked.Add(1)
	return nil, serviceerror.NewUnavailable("down")
}

// TestServerIsDown does not go through all that is overdue while nobody answers.
func TestServerIsDown(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	created := time.Now().Add(-time.Minute)
	const overdue = 20
	for range overdue {
		id := s.Order(berlin, 1)
		if err := s.Store.SetDueAt(t.Context(), id, s.Load(id).Sequence, &created); err != nil {
			t.Fatal(err)
		}
	}
	server := &down{Client: s.Temporal}
	w := watchOver(t, s)
	w.Temporal = server
	swept, err := w.Sweep(t.Context())
	if err == nil || swept.Overdue != overdue || swept.Refreshed != 0 {
		t.Errorf("swept %+v, %v; want an error", swept, err)
	}
	if n := server.asked.Load(); n < 8 || n >= overdue {
		t.Errorf("%d were asked for, want about 8 of %d", n, overdue)
	}
	w.Temporal = s.Temporal // The others have their turn when it is back.
	sweeps(t, w, watch.Swept{Overdue: overdue, Looked: overdue - swept.Looked})
}
