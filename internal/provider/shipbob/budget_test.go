package shipbob_test

import (
	"testing"
	"time"

	"packhorse/internal/provider"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// TestTooOften: after a 429 nothing is asked until ShipBob's time has passed, by whatever call.
func TestTooOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	w.server.Fail(shipbobtest.Fault{Operation: "GET /order", Do: shipbobtest.FaultAnswer, Status: 429})
	if _, err := w.Lookup(t.Context(), query(r)); provider.Classify(err) != provider.Retryable ||
		provider.RetryAfter(err) != 7*time.Second {
		t.Errorf("%v after %s, want it retryable after the 7 s of x-retry-after", err, provider.RetryAfter(err))
	}
	before := w.server.Asked("POST /order")
	w.clock.pass(5 * time.Second)
	if _, err := w.Create(t.Context(), request(2)); provider.Classify(err) != provider.Retryable ||
		provider.RetryAfter(err) != 2*time.Second {
		t.Errorf("%v after %s, want the other 2 s", err, provider.RetryAfter(err))
	}
	if n := w.server.Asked("POST /order"); n != before {
		t.Errorf("%d orders were sent meanwhile", n-before)
	}
	w.clock.pass(2 * time.Second)
	w.create(t, request(2))
}

// TestBudget: several workers share what ShipBob bears in a minute. Those who ask for news leave calls to those for
// whom an order waits, who are never refused by it.
func TestBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Check = nil
	w.server.PerMinute = 150
	other := world{Provider: providerFor(w.server, w.clock), server: w.server, clock: w.clock}
	w.create(t, request(1))
	other.create(t, request(2))
	// News is asked for until it is told to wait: there are still calls left.
	waits := 0
	for range 300 {
		for _, worker := range []world{w, other} {
			_, _, _, err := worker.Changes(t.Context(), provider.Polled{ServiceID: 7}, "")
			if err != nil && (provider.Classify(err) != provider.Retryable || provider.RetryAfter(err) <= 0) {
				t.Fatal(err)
			} else if err != nil {
				waits++
			}
		}
	}
	if waits == 0 {
		t.Fatal("nobody was ever told to wait")
	}
	for n := range 30 {
		w.create(t, request(10+n)) // Within what was left to them.
	}
	w.clock.pass(time.Minute)
	if _, _, _, err := w.Changes(t.Context(), provider.Polled{ServiceID: 7}, ""); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}
