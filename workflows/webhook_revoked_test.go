package workflows_test

import (
	"net/http"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// TestWebhooksEndWithTheScope: what waits to be sent when a scope is taken from the app is not sent any more.
func TestWebhooksEndWithTheScope(t *testing.T) {
	t.Parallel()
	s := engine(t, nil)
	to := newInbox(t, func(hook) int { return http.StatusInternalServerError })
	app := newApp(t, s, "desk", merchant)
	sub := subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, to.URL)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	workertest.WaitFor(t, "an attempt that fails", func() bool { return len(to.arrived()) > 1 })
	book := database(t, s)
	waits := func() (waits bool) {
		err := book.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM webhook_deliveries WHERE subscription_id = $1)`,
			sub.ID).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
		return waits
	}
	workertest.WaitFor(t, "it to wait where that is seen", waits)
	if _, err := s.Store.UpdateAppScopes(t.Context(), app.ID, []access.Scope{access.ReadOrders}); err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "nothing to wait", func() bool { return !waits() })
	to.answers(nil)
	before := len(to.arrived())
	s.Send(id, &fulfillment.ReleaseHold{})
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	awaitCursor(t, book, sub.ID)
	if after := to.arrived(); len(after) != before || len(to.taken()) != 0 {
		t.Errorf("it was told %d times after that, and took %d", len(after)-before, len(to.taken()))
	}
}
