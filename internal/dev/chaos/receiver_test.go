package chaos

import (
	"net/http"
	"testing"

	"packhorse/internal/callback"
	"packhorse/internal/delivery"
)

// TestReceiverMoods: only one that is well has a webhook be taken; of one that answers too late, the receiver alone
// knows.
func TestReceiverMoods(t *testing.T) {
	t.Parallel()
	c := delivery.NewClient(callback.Rules{AllowPrivate: true}, delivery.Options{Timeout: receiverTimeout})
	defer c.Close()
	for mood, want := range map[Kind]struct{ ok, taken, status, retryAfter bool }{
		"": {ok: true, taken: true, status: true}, LateReceiver: {taken: true}, FailReceiver: {status: true},
		RefuseReceiver: {status: true}, BusyReceiver: {status: true, retryAfter: true}, HangReceiver: {},
		DripReceiver: {status: true}, ResetReceiver: {},
	} {
		t.Run(string(mood), func(t *testing.T) {
			t.Parallel()
			var m mail
			r, err := openReceiver(&subscription{wanted: wanted{name: "it"}}, &m)
			if err != nil {
				t.Fatal(err)
			}
			defer r.place.Close()
			r.become(mood)
			for range 2 {
				got := c.Send(t.Context(), r.place.url, http.Header{"X": {"y"}}, []byte(`{"a":1}`))
				if got.OK() != want.ok || got.Status != 0 != want.status || got.RetryAfter != 0 != want.retryAfter {
					t.Errorf("it is answered %+v", got)
				}
			}
			all := m.arrived()
			if len(all) != 2 || all[1].taken != want.taken || all[1].body != `{"a":1}` || all[1].header.Get("X") != "y" {
				t.Errorf("it kept %+v", all)
			}
		})
	}
}

// TestReceiverMoves: where it was nobody listens any more, or somebody says that it is gone.
func TestReceiverMoves(t *testing.T) {
	t.Parallel()
	c := delivery.NewClient(callback.Rules{AllowPrivate: true}, delivery.Options{Timeout: receiverTimeout})
	defer c.Close()
	var m mail
	r, err := openReceiver(&subscription{wanted: wanted{name: "it"}}, &m)
	if err != nil {
		t.Fatal(err)
	}
	for told, status := range map[bool]int{false: 0, true: http.StatusGone} {
		before := r.place.url
		if err := r.move(told); err != nil {
			t.Fatal(err)
		}
		defer r.place.Close()
		if got := c.Send(t.Context(), before, http.Header{}, nil); got.Status != status {
			t.Errorf("where it was is answered %+v", got)
		}
		if got := c.Send(t.Context(), r.place.url, http.Header{}, nil); !got.OK() {
			t.Errorf("where it is is answered %+v", got)
		}
	}
}

// TestReceiverIsPoisoned: it takes some webhooks, then never one of them, and all others.
func TestReceiverIsPoisoned(t *testing.T) {
	t.Parallel()
	var m mail
	r := &receiver{of: &subscription{wanted: wanted{name: "it", poisoned: true}}, mail: &m}
	receive := func(id string) { r.receive(new(place), http.Header{"X-Shopify-Webhook-Id": {id}}, "") }
	for range poisonedAfter {
		receive("before")
	}
	for _, id := range []string{"never", "other", "never", "before"} {
		receive(id)
	}
	never, any := r.poisoned()
	if !any || never.webhookID() != "never" {
		t.Errorf("it never takes %q, %t", never.webhookID(), any)
	}
	for _, a := range m.arrived() {
		if a.taken == (a.webhookID() == "never") {
			t.Errorf("%s: taken %t", a.webhookID(), a.taken)
		}
	}
	if n := len(m.arrived()); n != poisonedAfter+4 {
		t.Errorf("it kept %d", n)
	}
}
