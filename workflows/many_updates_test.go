package workflows_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/temporalio"
	"packhorse/internal/temporalio/connect"
	"packhorse/internal/worker/workertest"
)

// TestFloodOfUpdates sends 400 updates at once to one fulfillment order, as any SDK would: each is carried out, and its
// caller is answered. An SDK gives an update a minute; without others on the machine, all of it takes a few seconds.
func TestFloodOfUpdates(t *testing.T) {
	t.Parallel()
	const callers = 400
	for _, connections := range []int{1, 8} {
		t.Run(fmt.Sprintf("over_%d_connections", connections), func(t *testing.T) {
			s := workertest.Start(t)
			id := s.Order(s.Warehouse("Berlin").ID, 1)
			s.State(id)
			clients := []client.Client{s.Temporal}
			for len(clients) < connections {
				c, err := connect.Dial(t.Context(), s.Settings.Temporal, nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(c.Close)
				clients = append(clients, c)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			began := time.Now()
			errs := atOnce(callers, func(i int) error {
				handle, err := clients[i%connections].UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
					WorkflowID: temporalio.FulfillmentOrderID(id), UpdateName: "SetDeadline",
					Args: []any{map[string]any{
						"fulfillmentDeadline": time.Date(2027, 1, 1, 0, 0, i, 0, time.UTC),
					}},
					WaitForStage: client.WorkflowUpdateStageCompleted,
				})
				if err == nil {
					err = handle.Get(ctx, nil)
				}
				return err
			})
			t.Logf("all callers have an answer after %v", time.Since(began))
			failed := map[string]int{}
			for _, err := range errs {
				if err != nil {
					failed[err.Error()]++
				}
			}
			if len(failed) > 0 {
				t.Errorf("of %d callers some got no answer: %v", callers, failed)
			}
			if got := s.Load(id).Sequence; got != callers+1 {
				t.Errorf("%d transitions, want one for each caller and the first", got)
			}
			replays(t, s, temporalio.FulfillmentOrderID(id))
		})
	}
}
