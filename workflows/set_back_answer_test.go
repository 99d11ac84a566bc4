package workflows_test

import (
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestLostAnswers has the database set back to a time at which a service was asked and had not answered yet, twice:
// before it does, and after. A service does not say twice what it has said, so it is asked.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	service := func(name string, options map[string]any) fulfillment.ID {
		options["answer"], options["acceptAfter"], options["ship"] = "pending", "24h", false
		return s.Service(
			fulfillment.Service{Name: name, Provider: "simulated", Options: options},
		).LocationID
	}
	willing := service("Willing", map[string]any{})
	accepted, cancelled := s.Order(willing, 1), s.Order(willing, 1)
	rejected := s.Order(service("Choosy", map[string]any{"rejectAlways": "OTHER"}), 1)
	withdrawn := s.Order(willing, 1)
	conn := devstacktest.Connect(t, string(s.Settings.Database.URL))
	// The service answers what waits for it.
	answers := func(id fulfillment.ID) {
		if _, err := conn.Exec(t.Context(), `
			UPDATE simulated_provider.schedule SET due_at = now()
			WHERE fulfillment_order_id = $1 AND done_at IS NULL`, id); err != nil {
			t.Fatal(err)
		}
	}
	is := func(s *workertest.Stack, id fulfillment.ID, status fulfillment.RequestStatus) {
		s.Eventually(id, string(status), func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.RequestStatus == status
		})
	}
	isTaken := func(id fulfillment.ID) {
		s.Eventually(id, "taken", func(fo *fulfillment.FulfillmentOrder) bool {
			return len(fo.Effects) == 1 && fo.Effects[0].Status == fulfillment.EffectWaiting
		})
	}
	all := []fulfillment.ID{accepted, cancelled, rejected, withdrawn}
	for _, id := range all {
		s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		isTaken(id)
	}
	answers(cancelled)
	is(s, cancelled, fulfillment.RequestAccepted)
	s.Send(cancelled, &fulfillment.SubmitCancellationRequest{})
	isTaken(cancelled)
	restore := func(setBack func()) {
		setBack()
		for _, id := range all {
			if err := s.Updates.Refresh(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
	}

	setBack := s.Copy()
	for _, id := range all {
		s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(48 * time.Hour)})
	}
	restore(setBack)
	for _, id := range all {
		isTaken(id)
	}

	setBack = s.Copy()
	s.Send(withdrawn, &fulfillment.Cancel{})
	s.Eventually(withdrawn, "withdrawn", func(fo *fulfillment.FulfillmentOrder) bool { return len(fo.Effects) == 0 })
	for id, status := range map[fulfillment.ID]fulfillment.RequestStatus{
		accepted: fulfillment.RequestAccepted, rejected: fulfillment.RequestRejected,
		cancelled: fulfillment.RequestCancellationAccepted,
	} {
		answers(id)
		is(s, id, status)
	}
	restore(setBack)
	for name, want := range map[string]struct {
		id     fulfillment.ID
		status fulfillment.RequestStatus
	}{
		"an_acceptance_is_found":               {accepted, fulfillment.RequestAccepted},
		"a_rejection_is_found":                 {rejected, fulfillment.RequestRejected},
		"an_accepted_cancellation_is_found":    {cancelled, fulfillment.RequestCancellationAccepted},
		"what_was_withdrawn_is_not_waited_for": {withdrawn, fulfillment.RequestRejected},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.For(t)
			is(s, want.id, want.status)
			replays(t, s, temporalio.FulfillmentOrderID(want.id))
		})
	}
}
