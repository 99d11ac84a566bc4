package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestPaused audits a store of which a workflow is paused: that is under way, and says what to do; it is neither wrong
// nor at rest.
func TestPaused(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	berlin := s.Warehouse("Berlin").ID
	paused, shipped := s.Order(berlin, 1), s.Order(berlin, 1)
	s.Send(shipped, &fulfillment.CreateFulfillment{})
	ledger, err := simulated.OpenLedger(t.Context(), string(s.Settings.Database.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	pool, err := pgxpool.New(t.Context(), string(s.Settings.Database.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	from := Sources{
		Database: pool, Store: s.Store, Temporal: s.Temporal, Namespace: s.Settings.Temporal.Namespace, Ledger: ledger,
	}
	workertest.WaitFor(t, "rest", func() bool {
		waitingFor, err := AtRest(t.Context(), from)
		return err == nil && waitingFor == ""
	})
	pauses.Pause(paused)
	workflowID := temporalio.FulfillmentOrderID(paused)
	if waitingFor, err := AtRest(t.Context(), from); err != nil || waitingFor != workflowID+", which is paused" {
		t.Errorf("it waits for %q (%v)", waitingFor, err)
	}
	report, err := Live(t.Context(), from, Options{Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Violations() {
		t.Errorf("order %d, fulfillment order %d: %s", v.OrderID, v.FulfillmentOrderID, v.What)
	}
	told := ""
	for _, assertion := range report.Assertions {
		for _, v := range assertion.UnderWay {
			told += v.What
		}
	}
	if !strings.Contains(told, "temporal workflow unpause --workflow-id "+workflowID) {
		t.Errorf("it tells %q", told)
	}
}
