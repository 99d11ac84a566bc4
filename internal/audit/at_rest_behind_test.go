package audit

import (
	"strings"
	"testing"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/worker/workertest"
)

// TestNotAtRestWhileAWorkflowIsBehind: a workflow whose task was lost after its commit hears of it from the watch, some
// time later; until then the system is not at rest.
func TestNotAtRestWhileAWorkflowIsBehind(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.State(id) // It has begun.
	from := Sources{
		Database: devstacktest.Pool(t, string(s.Settings.Database.URL)), Store: s.Store, Temporal: s.Temporal,
		Namespace: s.Settings.Temporal.Namespace, Ledger: s.Ledger(),
	}
	if _, err := from.Database.Exec(t.Context(), `
UPDATE fulfillment_orders SET snapshot = jsonb_set(snapshot, '{sequence}', '7') WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "the workflow that is behind", func() bool {
		waitingFor, err := AtRest(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(waitingFor, "it has version 1 of 7")
	})
}
