package workflows_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/dev/logtest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker"
	"packhorse/internal/worker/workertest"
)

// signal sends a command as a signal, as it is.
func signal(ctx context.Context, s *workertest.Stack, id fulfillment.ID, cmd fulfillment.Command) error {
	return s.Temporal.SignalWorkflow(ctx, temporalio.FulfillmentOrderID(id), "", string(cmd.Verb()), cmd)
}

// refusals are the transitions that tell of refused signals.
func refusals(t *testing.T, s *workertest.Stack, id fulfillment.ID) []fulfillment.Transition {
	t.Helper()
	var refused []fulfillment.Transition
	page := postgres.Page{Limit: postgres.MaxLimit}
	for {
		got, err := s.Store.Transitions(t.Context(), id, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range got.Items {
			if tr.Kind == fulfillment.KindRefused {
				refused = append(refused, tr)
			}
		}
		if got.Next == 0 {
			return refused
		}
		page.After = got.Next
	}
}

// told is how many refused signals transitions tell of.
func told(refused []fulfillment.Transition) int {
	n := 0
	for _, tr := range refused {
		n += max(1, tr.Details.RefusedSignals)
	}
	return n
}

// TestSignalsOfALostTask loses the task that took signals of several verbs, and lets more of each come before the next
// one takes them all: each is carried out once or refused once.
func TestSignalsOfALostTask(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 5)
	line := []fulfillment.Quantity{{ID: s.Load(id).Lines[0].ID, Quantity: 1}}
	s.State(id) // Its first task is over.
	s.StopWorker()
	send := func(suffix string) {
		t.Helper()
		for _, cmd := range []fulfillment.Command{
			&fulfillment.CreateFulfillment{Lines: line},
			&fulfillment.AcceptFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{},
			&fulfillment.RejectFulfillmentRequest{},
			&fulfillment.AcceptCancellationRequest{Meta: fulfillment.Meta{CommandID: "mine" + suffix}},
		} {
			if err := signal(t.Context(), s, id, cmd); err != nil {
				t.Fatal(err)
			}
		}
	}
	send("")
	process := startCrashing(t, s, "after Commit")
	isKilled(t, process, "after Commit")
	send(" again")
	s.StartWorker()
	s.Eventually(id, "as the last signal left it", func(fo *fulfillment.FulfillmentOrder) bool {
		return len(fo.Fulfillments) >= 2 && told(refusals(t, s, id)) >= 8
	})
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)}) // Everything before is decided.
	refused := refusals(t, s, id)
	got := map[fulfillment.Verb]int{}
	for _, tr := range refused {
		got[tr.Verb]++
	}
	for verb, want := range map[fulfillment.Verb]int{
		fulfillment.VerbAcceptFulfillmentRequest: 4, fulfillment.VerbRejectFulfillmentRequest: 2,
		fulfillment.VerbAcceptCancellationRequest: 2, fulfillment.VerbCreateFulfillment: 0,
	} {
		if got[verb] != want {
			t.Errorf("%d refusals of %s, want %d", got[verb], verb, want)
		}
	}
	fo := s.Load(id)
	if len(fo.Fulfillments) != 2 || fo.Lines[0].Remaining != 3 {
		t.Errorf("%d shipments and %d units that remain, want 2 and 3", len(fo.Fulfillments), fo.Lines[0].Remaining)
	}
	if fo.Refusals.Total != 8 {
		t.Errorf("the state tells of %d refusals, want 8", fo.Refusals.Total)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestFloodOfRefusedSignals: of very many refused signals the book and the log have the first ones, and the number of
// the others, however many workflow tasks and runs they take, and though a worker is killed among them.
func TestFloodOfRefusedSignals(t *testing.T) {
	t.Parallel()
	const sent = 3000
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.State(id)
	s.StopWorker()
	var senders errgroup.Group
	senders.SetLimit(8)
	for range sent {
		senders.Go(func() error { return signal(t.Context(), s, id, &fulfillment.AcceptFulfillmentRequest{}) })
	}
	if err := senders.Wait(); err != nil {
		t.Fatal(err)
	}
	isKilled(t, startCrashing(t, s, "after Commit"), "after Commit")
	var log logtest.Log
	s.Settings.Worker.LogLevel = slog.LevelWarn
	working, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(working, s.Settings, &log) }()
	fo := s.Eventually(id, "told of all refusals", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.Refusals.Total >= sent
	})
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	refused := refusals(t, s, id)
	if told(refused) != sent || fo.Refusals.Total != sent {
		t.Errorf("the history tells of %d refusals and the state of %d, want %d", told(refused), fo.Refusals.Total, sent)
	}
	const few = fulfillment.MaxRefusals + 20
	if len(refused) > few {
		t.Errorf("%d transitions tell of them, want at most %d", len(refused), few)
	}
	if n := strings.Count(log.String(), "Refused"); n > few {
		t.Errorf("%d lines of the log tell of them, want at most %d", n, few)
	}
}
