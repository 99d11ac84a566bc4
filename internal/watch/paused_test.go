package watch_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/watch"
	"packhorse/internal/worker/workertest"
)

// TestPausedIsNoneThatIsLost has a workflow that is gone among many that are paused: it comes back in the first look,
// nothing is asked of the others, and each is told of once, with what to do.
func TestPausedIsNoneThatIsLost(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	berlin := s.Warehouse("Berlin").ID
	created := time.Now().Add(-time.Minute)
	const paused = 12
	ids := make([]fulfillment.ID, paused)
	for i := range ids {
		ids[i] = s.Order(berlin, 1)
		if err := s.Store.SetDueAt(t.Context(), ids[i], s.Load(ids[i]).Sequence, &created); err != nil {
			t.Fatal(err)
		}
	}
	before := events(t, s, ids[0])
	pauses.Pause(ids...)
	lost := asked(s)
	terminate(t, s, lost)

	log := new(bytes.Buffer)
	w := watch.New(watch.Config{
		Store: s.Store, Temporal: s.Temporal, Updates: s.Updates, Interval: time.Minute,
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	t.Cleanup(w.Close)
	began := time.Now()
	sweeps(t, w, watch.Swept{Overdue: paused + 1, Looked: paused + 1, Refreshed: 1, Paused: paused})
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the look took %v: something waited for paused workflows", took)
	}
	s.State(lost)
	sweeps(t, w, watch.Swept{Overdue: paused + 1, Paused: paused})
	if after := events(t, s, ids[0]); after != before {
		t.Errorf("%d events of one that is paused, and %d before the watch looked", after, before)
	}
	for _, id := range ids {
		unpause := "temporal workflow unpause --workflow-id " + temporalio.FulfillmentOrderID(id)
		if n := strings.Count(log.String(), unpause+"\""); n != 1 {
			t.Errorf("%q is told %d times, want once", unpause, n)
		}
	}

	pauses.Unpause()
	w.Close()
	sweeps(t, watchOver(t, s), watch.Swept{Overdue: paused + 1, Looked: paused + 1})
}

// TestSetBackAmongPaused has the database set back while many workflows are paused, which nobody can ask: what has lost
// its workflow comes back all the same, and the look ends.
func TestSetBackAmongPaused(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	berlin := s.Warehouse("Berlin").ID
	ids := make([]fulfillment.ID, 12)
	for i := range ids {
		ids[i] = s.Order(berlin, 1)
		s.State(ids[i])
	}
	lost := s.Order(berlin, 1)
	setBack := s.Copy()
	w := watchOver(t, s)
	compares(t, w)
	s.Send(ids[0], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	before := events(t, s, ids[0])
	terminate(t, s, lost)
	pauses.Pause(ids...)
	workertest.WaitFor(t, "the list of runs to have them as paused", func() bool {
		ended, err := s.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Query: "WorkflowType = 'FulfillmentOrder' AND ExecutionStatus != 'Running'",
		})
		return err == nil && len(ended.GetExecutions()) == len(ids)+1
	})
	setBack()
	compares(t, w)
	if !running(t, s, lost) {
		t.Error("the workflow that is gone did not come back")
	}
	if mark, err := s.Store.Mark(t.Context()); err != nil || mark.SetBacks != 1 || mark.Open != 0 {
		t.Errorf("the look did not end: %+v, %v", mark, err)
	}
	if after := events(t, s, ids[0]); after != before {
		t.Errorf("%d events of one that is paused, and %d before the watch looked", after, before)
	}

	// What it had done in the lost time, it has no more when it goes on: nobody has to command it for that.
	pauses.Unpause()
	sweeps(t, w, watch.Swept{Overdue: len(ids), Looked: len(ids), Refreshed: 1})
	if state := s.State(ids[0]); state.Status != fulfillment.StatusOpen || state.Sequence != s.Load(ids[0]).Sequence {
		t.Errorf("it goes on at %d (%s), and the database has %d", state.Sequence, state.Status, s.Load(ids[0]).Sequence)
	}
	sweeps(t, w, watch.Swept{})
}
