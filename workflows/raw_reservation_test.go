package workflows_test

import (
	"strings"
	"sync"
	"testing"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestRawReservations gives a fulfillment order, from anyone, the updates by which workflows reserve each other, with
// whatever comes to mind, while it is at work. None of them stops its life, and what was answered as done is done.
func TestRawReservations(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	for name, test := range map[string]struct {
		arguments []any
		taken     bool // or refused, in words
	}{
		"nothing":          {nil, false},
		"no name":          {[]any{temporalio.Reservation{}}, false},
		"no object":        {[]any{42}, false},
		"of a refresh":     {[]any{temporalio.Reservation{By: "Refresh"}}, false},
		"of one that ends": {[]any{temporalio.Reservation{By: "Merge of it/ends"}}, false},
		"a long name":      {[]any{temporalio.Reservation{By: strings.Repeat("x", 10_000)}}, false},
		"a name":           {[]any{temporalio.Reservation{By: strings.Repeat("x", 1000)}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.For(t)
			id := s.Order(berlin, 3)
			var work sync.WaitGroup
			for _, update := range []string{
				temporalio.ReserveUpdate, temporalio.ApplyUpdate, temporalio.AbortUpdate, temporalio.RefreshUpdate,
			} {
				work.Go(func() {
					for range 3 {
						handle, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
							WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: update, Args: test.arguments,
							WaitForStage: client.WorkflowUpdateStageCompleted,
						})
						if err == nil {
							err = handle.Get(t.Context(), nil)
						}
						refused, ok := temporalio.Refusal(err)
						passes := err == nil || ok && refused.Retryable() // When it was aborted before its turn came.
						if taken := update == temporalio.RefreshUpdate || test.taken; passes != taken {
							t.Errorf("%s: %v", update, err)
						}
					}
				})
			}
			for range 4 {
				work.Go(func() {
					for range 5 {
						done := s.Send(id, &fulfillment.ReportProgress{})
						if there, err := s.Store.HasTransitions(t.Context(), []fulfillment.Result{done}); err != nil || !there {
							t.Errorf("transition %d was answered, and is not in the store (%v)", done.Sequence, err)
						}
					}
				})
			}
			work.Wait()
			replays(t, s, temporalio.FulfillmentOrderID(id))
		})
	}
}
