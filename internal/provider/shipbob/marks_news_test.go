package shipbob_test

import (
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// TestReview: an order that ShipBob reviews first is answered when it has, and only then by news.
func TestReview(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status string
		want   []string
	}{
		"taken":     {"Processing", []string{"AcceptFulfillmentRequest"}},
		"cancelled": {"Cancelled", []string{"RejectFulfillmentRequest"}},
		"still":     {"ImportReview", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := request(1)
			w.create(t, r)
			set := func(status string) {
				w.server.Put(reference(r), func(o *shipbobtest.Order) { o.Status = status })
			}
			set("ImportReview")
			if got := w.create(t, r); got.Outcome != fulfillment.OutcomePending { // Adopted.
				t.Fatalf("%+v, want it pending", got)
			}
			set(c.status)
			news, _ := w.poll(t, "")
			check(t, name, news, c.want...)
		})
	}
}

// TestUnaskedCancellation: what ShipBob cancels by itself is told; what Packhorse has asked for has its answer already.
func TestUnaskedCancellation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	w.server.Status(reference(r), 0, "Cancelled")
	news, _ := w.poll(t, "")
	check(t, "ShipBob's own", news, "Close")

	w = newWorld(t)
	w.create(t, r)
	if got, err := w.Cancel(t.Context(), cancellation(r)); err != nil || got.Outcome != fulfillment.OutcomeAccepted {
		t.Fatalf("%+v, %v", got, err)
	}
	news, _ = w.poll(t, "")
	check(t, "ours", news)

	w = newWorld(t)
	w.create(t, r)
	w.server.Keep(reference(r), 0)
	if got, err := w.Cancel(t.Context(), cancellation(r)); err != nil || got.Outcome != fulfillment.OutcomeRejected {
		t.Fatalf("%+v, %v", got, err)
	}
	w.server.Status(reference(r), 0, "Cancelled")
	news, _ = w.poll(t, "")
	check(t, "ShipBob's own, after ours was refused", news, "Close")
}

// TestUnaskedCancellationOfAPart: once the rest has left, the units that nobody ships are given back; where another
// shipment takes the place of the cancelled one, nobody need know.
func TestUnaskedCancellationOfAPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	ref := reference(r)
	w.server.Split(ref, map[string]int{"MUG": 2}, map[string]int{"TEE": 1})
	w.server.Status(ref, 1, "Cancelled")
	cursor, seen := "", map[string]bool{}
	check(t, "the other is being packed", w.fresh(t, &cursor, seen))
	w.server.Label(ref, 0, "")
	check(t, "the other has left", w.fresh(t, &cursor, seen),
		"CreateFulfillment 11×2", "LABEL_PRINTED", "Close")

	w = newWorld(t)
	w.create(t, r)
	w.server.Split(ref, map[string]int{"MUG": 2, "TEE": 1}, map[string]int{"MUG": 2, "TEE": 1})
	w.server.Status(ref, 0, "Cancelled")
	w.server.Label(ref, 1, "")
	news, _ := w.poll(t, "")
	if got := told(news); !slices.Equal(got, []string{"CreateFulfillment 11×2 12×1", "LABEL_PRINTED"}) {
		t.Errorf("made anew: %q", got)
	}
}
