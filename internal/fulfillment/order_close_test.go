package fulfillment

import (
	"testing"
	"time"
)

// An order is closed by hand, by its last shipment and by its cancellation, and is opened by hand and by units that are
// to be shipped again: what comes first counts, and a cancelled one stays closed.
func TestClosedSince(t *testing.T) {
	t.Parallel()
	type step struct {
		kind          OrderKind
		before, after OrderDisplayStatus
	}
	var (
		created  = step{OrderKindCreated, "", OrderUnfulfilled}
		closed   = step{OrderKindClosed, OrderUnfulfilled, OrderUnfulfilled}
		opened   = step{OrderKindOpened, OrderUnfulfilled, OrderUnfulfilled}
		shipped  = step{OrderKindStatusChanged, OrderUnfulfilled, OrderFulfilled}
		partly   = step{OrderKindStatusChanged, OrderUnfulfilled, OrderPartiallyFulfilled}
		taken    = step{OrderKindStatusChanged, OrderFulfilled, OrderUnfulfilled}
		added    = step{OrderKindEdited, OrderFulfilled, OrderPartiallyFulfilled}
		updated  = step{OrderKindUpdated, OrderFulfilled, OrderFulfilled}
		reopened = step{OrderKindOpened, OrderFulfilled, OrderFulfilled}
		cancels  = step{OrderKindCancelled, OrderUnfulfilled, OrderUnfulfilled}
	)
	for name, test := range map[string]struct {
		steps []step
		want  int // the step that it is closed since, from 1; 0: it is open
	}{
		"new":                               {[]step{created}, 0},
		"closed":                            {[]step{created, closed}, 2},
		"closed and opened":                 {[]step{created, closed, opened}, 0},
		"closed again":                      {[]step{created, closed, opened, closed}, 4},
		"shipped whole":                     {[]step{created, shipped}, 2},
		"shipped whole and updated":         {[]step{created, shipped, updated}, 2},
		"shipped in part":                   {[]step{created, partly}, 0},
		"closed, then shipped in part":      {[]step{created, closed, partly}, 2},
		"closed, then shipped whole":        {[]step{created, closed, shipped}, 2},
		"shipped whole and opened":          {[]step{created, shipped, reopened, updated}, 0},
		"its shipment was taken back":       {[]step{created, shipped, taken}, 0},
		"lines were added to it":            {[]step{created, shipped, added}, 0},
		"cancelled":                         {[]step{created, cancels}, 2},
		"closed, then cancelled":            {[]step{created, closed, cancels}, 2},
		"cancelled, shipped and taken back": {[]step{created, cancels, shipped, taken}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
			var history []OrderTransition
			for i, s := range test.steps {
				next := OrderTransition{Kind: s.kind, At: start.Add(time.Duration(i+1) * time.Hour),
					After: OrderStatuses{Display: s.after}}
				if s.before != "" {
					next.Before = &OrderStatuses{Display: s.before}
				}
				history = append(history, next)
			}
			got := ClosedSince(history)
			switch {
			case test.want == 0 && got != nil:
				t.Errorf("closed since %s, want open", got)
			case test.want != 0 && (got == nil || !got.Equal(start.Add(time.Duration(test.want)*time.Hour))):
				t.Errorf("closed since %v, want step %d", got, test.want)
			}
		})
	}
}

// Closing a closed order and opening an open one change nothing.
func TestOrderDecideCloses(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	all := []*FulfillmentOrder{fo}
	open := OrderState{ID: 1, Version: 4, Statuses: ViewOrder(false, all).Statuses()}
	closed := open
	closed.ClosedAt = new(time.Unix(1, 0))
	now := time.Unix(9, 0)
	for name, test := range map[string]struct {
		order OrderState
		kind  OrderKind
		want  bool // a transition
	}{
		"close": {open, OrderKindClosed, true}, "open": {closed, OrderKindOpened, true},
		"close_again": {closed, OrderKindClosed, false}, "open_again": {open, OrderKindOpened, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step, repeated := test.order.Decide(&OrderChange{Kind: test.kind, At: now}, nil, all)
			if (step != nil) != test.want || repeated == test.want {
				t.Fatalf("%+v, repeated %v", step, repeated)
			}
			if step == nil {
				return
			}
			if (step.ClosedAt != nil) != (test.kind == OrderKindClosed) || step.Sequence != 5 {
				t.Errorf("%+v", step)
			}
			if topics := step.Topics(); len(topics) != 1 || topics[0] != TopicOrderUpdated {
				t.Errorf("it raises %v", topics)
			}
		})
	}
}
