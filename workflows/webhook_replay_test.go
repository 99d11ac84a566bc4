package workflows_test

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
	"packhorse/internal/worker/workertest"
)

func position(m hook) int64 {
	n, _ := strconv.ParseInt(m.Get("Packhorse-Position"), 10, 64) // 0 is nobody's.
	return n
}

// TestWebhooksAreReplayed: what was told, a dead letter, and what happened before there was the subscription are told
// on request. On the wire IDs and bytes are those of the first time, whatever became of the shipments since, and each
// order's come in its order, beside what comes by itself.
func TestWebhooksAreReplayed(t *testing.T) {
	t.Parallel()
	s := engine(t, func(s *workertest.Stack) {
		s.Settings.Webhooks.WebhookRetries = slices.Repeat(config.Pauses{20 * time.Millisecond}, 2)
	})
	book, berlin := database(t, s), s.Warehouse("Berlin").ID
	ids := []fulfillment.ID{s.Order(berlin, 9), s.Order(berlin, 9)}
	shipments := map[fulfillment.ID]fulfillment.ID{} // the fulfillment order of each
	ship := func(times int) {
		t.Helper()
		for range times {
			for _, id := range ids {
				shipped := s.Send(id, &fulfillment.CreateFulfillment{
					Lines:    []fulfillment.Quantity{{ID: s.Load(id).Lines[0].ID, Quantity: 1}},
					Tracking: &fulfillment.TrackingInput{Company: "Käthe & Söhne", Number: "<1>"},
				})
				shipments[shipped.FulfillmentID] = id
			}
		}
	}
	ship(1)
	workertest.WaitFor(t, "the feed of what was before", func() (done bool) {
		if err := book.QueryRow(t.Context(), `SELECT NOT EXISTS (SELECT FROM outbox)`).Scan(&done); err != nil {
			t.Fatal(err)
		}
		return done
	})

	const before, first, later = 2, 6, 2
	var poison int64 // of the one that is not taken: the third that comes
	to := newInbox(t, nil)
	to.answers(func(m hook) int {
		if poison == 0 && len(to.all) == 2 {
			poison = position(m)
		}
		if poison == position(m) {
			return http.StatusBadRequest
		}
		return http.StatusNoContent
	})
	sub := subscribeTo(t, s, newApp(t, s, "desk", access.Scopes()...), fulfillment.TopicFulfillmentCreated, to.URL)
	ship(first / len(ids))
	to.await(t, "the first time", first-1)
	workertest.WaitFor(t, "a dead letter", func() (dead bool) {
		const is = `SELECT EXISTS (SELECT FROM webhook_deliveries WHERE state = 'DEAD')`
		if err := book.QueryRow(t.Context(), is).Scan(&dead); err != nil {
			t.Fatal(err)
		}
		return dead
	})
	awaitCursor(t, book, sub.ID)
	once := map[int64]hook{} // as it came first
	for _, m := range slices.Backward(to.arrived()) {
		once[position(m)] = m
		if m.Get("Packhorse-Replay") != "" {
			t.Errorf("nobody has asked for %v", m.Header)
		}
	}
	if len(once) != first || once[poison].body == "" {
		t.Fatalf("it was told of %d shipments, want %d", len(once), first)
	}

	// What the shipments are now is not what they were.
	for shipment, id := range shipments {
		s.Send(id, &fulfillment.UpdateTracking{
			FulfillmentID: shipment, Tracking: fulfillment.TrackingInput{Company: "UPS", Number: "2"},
		})
		s.Send(id, &fulfillment.RecordEvent{FulfillmentID: shipment, Status: fulfillment.EventDelivered})
	}
	to.answers(nil)
	replay := func(r webhook.Replay, want int) {
		t.Helper()
		if done, err := s.Store.Replay(t.Context(), sub.ID, r); err != nil || done.Events != want {
			t.Fatalf("%+v replays %+v, %v; want %d events", r, done, err, want)
		}
	}
	replay(webhook.Replay{Until: math.MaxInt64}, before+first)
	ship(later / len(ids))
	list := to.await(t, "the second time, and the live ones", first-1+before+first+later)
	replays, last := []int64{}, map[string]int64{}
	for _, m := range list {
		_, rest, _ := strings.Cut(m.body, `"order_id":`)
		order, _, _ := strings.Cut(rest, ",")
		of := order + ", replay " + m.Get("Packhorse-Replay")
		if position(m) <= last[of] {
			t.Errorf("order %s: position %d comes after %d", of, position(m), last[of])
		}
		if last[of] = position(m); m.Get("Packhorse-Replay") == "1" {
			replays = append(replays, position(m))
		}
	}
	if len(replays) != before+first || len(list) != before+first+first-1+later || len(last) != 2*len(ids) {
		t.Fatalf("it took %d replays of %d webhooks, in the order of %v", len(replays), len(list), last)
	}
	slices.Sort(replays)
	for _, position := range replays[:before] {
		if once[position].body != "" {
			t.Errorf("position %d was told before", position)
		}
	}

	// The dead letter and one of before the subscription, by their positions.
	for _, position := range []int64{poison, replays[0]} {
		replay(webhook.Replay{After: position - 1, Until: position}, 1)
	}
	for _, m := range to.await(t, "two of them once more", len(list)+2) {
		at := position(m)
		same, ok := once[at]
		if !ok {
			once[at] = m
			continue
		}
		if m.body != same.body {
			t.Errorf("position %d was told first as\n%s\nthen as\n%s", at, same.body, m.body)
		}
		for _, name := range []string{
			"X-Shopify-Webhook-Id", "Webhook-Id", "X-Shopify-Event-Id", "X-Shopify-Triggered-At",
			"X-Shopify-Hmac-Sha256", "Packhorse-Sequence",
		} {
			if m.Get(name) == "" || m.Get(name) != same.Get(name) {
				t.Errorf("position %d: %s is first %q, then %q", at, name, same.Get(name), m.Get(name))
			}
		}
	}
	if len(once) != before+first+later {
		t.Errorf("told of %d positions", len(once))
	}
}
