package returns_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

func TestReceive(t *testing.T) {
	t.Parallel()
	t.Run("is_counted_apart_from_processing", func(t *testing.T) {
		t.Parallel()
		w := newWorld()
		r := w.inStatus(t, returns.StatusOpen)
		r = w.must(t, r, receive(r, 2))
		if r.Lines[0].Received != 2 || r.Lines[0].Processed != 0 || r.Uninspected() != 2 || r.Outstanding() != 0 {
			t.Errorf("line is %+v", r.Lines[0])
		}
		refused := w.refused(t, r, receive(r, 1))
		if strings.Join(refused.Field, ".") != "returnLineItems.0.quantity" ||
			!strings.Contains(refused.Message, "EXCESS") {
			t.Error(refused)
		}
	})
	t.Run("opens_a_closed_return", func(t *testing.T) {
		t.Parallel()
		w := newWorld()
		r := w.inStatus(t, returns.StatusClosed)
		d, err := w.send(r, receive(r, 1))
		if err != nil {
			t.Fatal(err)
		}
		if got := kinds(d); !slices.Equal(got, []returns.Kind{returns.KindReopened, returns.KindReceived}) {
			t.Error(got)
		}
	})
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusOpen)
	line := r.Lines[0].ID
	differ := func(kind returns.DifferenceKind, n int) *returns.Receive {
		return &returns.Receive{Differences: []returns.DifferenceInput{
			{ReturnLineID: line, Kind: kind, Quantity: n, SKU: "CUP", Note: "As unpacked"},
		}}
	}
	for name, cmd := range map[string]*returns.Receive{
		"more_missing_than_announced": differ(returns.DifferenceShort, 3),
		"damaged_without_coming":      differ(returns.DifferenceDamaged, 1),
		"none":                        differ(returns.DifferenceExcess, 0),
		"of_no_kind":                  differ("LOST", 1),
	} {
		if refused := w.refused(t, r, cmd); refused.Code != returns.CodeInvalid {
			t.Errorf("%s: %v", name, refused)
		}
	}
	scan := receive(r, 1)
	scan.Differences = []returns.DifferenceInput{
		{Kind: returns.DifferenceDamaged, Quantity: 1}, {Kind: returns.DifferenceShort, Quantity: 1},
		{Kind: returns.DifferenceOtherItem, Quantity: 1, SKU: "CUP"},
	}
	r = w.must(t, r, scan)
	if len(r.Lines[0].Differences) != 3 || r.Units() != 2 {
		t.Errorf("line is %+v", r.Lines[0])
	}
	r = w.must(t, r, receive(r, 1)) // It came after all.
	if slices.ContainsFunc(r.Lines[0].Differences, func(d returns.Difference) bool {
		return d.Kind == returns.DifferenceShort
	}) {
		t.Errorf("all came, and missing is still %+v", r.Lines[0].Differences)
	}
}

// A unit that need not come any more is not missing.
func TestRemovedUnitsAreNotMissing(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := w.inStatus(t, returns.StatusOpen)
	r = w.must(t, r, &returns.Receive{
		Differences: []returns.DifferenceInput{{Kind: returns.DifferenceShort, Quantity: 2}},
	})
	if r = w.must(t, r, remove(r, 1)); r.Lines[0].Differences[0].Quantity != 1 {
		t.Errorf("missing are %+v", r.Lines[0].Differences)
	}
}

func TestOverdue(t *testing.T) {
	t.Parallel()
	by := day.Add(100 * time.Hour)
	begin := func(t *testing.T, action returns.OverdueAction) (*world, *returns.Return) {
		w := newWorld()
		cmd := create(of(mugsOut, 2))
		cmd.Expected = returns.Expected{By: &by, Overdue: action, Remind: fulfillment.Duration(10 * time.Hour)}
		return w, w.must(t, nil, cmd)
	}
	tick := func(t *testing.T, w *world, r *returns.Return, after time.Duration) (*returns.Return, []string) {
		w.now = day.Add(after)
		d, err := w.send(r, &returns.Tick{})
		if err != nil {
			t.Fatal(err)
		}
		var topics []string
		for _, step := range d.Transitions {
			topics = append(topics, step.Topics...)
		}
		return d.State, topics
	}
	t.Run("is_told_once", func(t *testing.T) {
		t.Parallel()
		w, r := begin(t, "")
		if at, _, ok := r.NextDeadline(); !ok || !at.Equal(day.Add(90*time.Hour)) {
			t.Error(at, ok)
		}
		for _, step := range []struct {
			after time.Duration
			want  []string
		}{
			{89 * time.Hour, nil}, {90 * time.Hour, []string{returns.TopicReminder}},
			{99 * time.Hour, nil}, {100 * time.Hour, []string{returns.TopicOverdue}}, {1000 * time.Hour, nil},
		} {
			var topics []string
			if r, topics = tick(t, w, r, step.after); !slices.Equal(topics, step.want) {
				t.Errorf("after %v: %v", step.after, topics)
			}
		}
		if r.Status != returns.StatusOpen {
			t.Error(r.Status)
		}
	})
	t.Run("closes_if_asked_to", func(t *testing.T) {
		t.Parallel()
		w, r := begin(t, returns.OverdueClose)
		r, topics := tick(t, w, r, 200*time.Hour)
		want := []string{returns.TopicOverdue, returns.TopicClose}
		if r.Status != returns.StatusClosed || !slices.Equal(topics, want) {
			t.Errorf("%s: %v", r.Status, topics)
		}
		r = w.must(t, r, &returns.Reopen{})
		if _, _, waits := r.NextDeadline(); waits {
			t.Error("it is closed again at once")
		}
	})
	t.Run("is_not_waited_for_anew_when_it_was_closed_in_time", func(t *testing.T) {
		t.Parallel()
		w, r := begin(t, returns.OverdueClose)
		r = w.must(t, r, &returns.Close{})
		w.now = by.Add(time.Hour)
		r = w.must(t, r, &returns.Reopen{})
		if r, topics := tick(t, w, r, 200*time.Hour); r.Status != returns.StatusOpen || topics != nil {
			t.Errorf("%s: %v", r.Status, topics)
		}
	})
	t.Run("waits_for_goods_to_be_inspected", func(t *testing.T) {
		t.Parallel()
		w, r := begin(t, returns.OverdueClose)
		r = w.must(t, r, receive(r, 1))
		if r, _ = tick(t, w, r, 200*time.Hour); r.Status != returns.StatusOpen {
			t.Error(r.Status)
		}
	})
	t.Run("is_nothing_when_all_came", func(t *testing.T) {
		t.Parallel()
		w, r := begin(t, returns.OverdueClose)
		r = w.must(t, r, receive(r, 2))
		if _, _, waits := r.NextDeadline(); waits {
			t.Error("it still waits")
		}
	})
}
