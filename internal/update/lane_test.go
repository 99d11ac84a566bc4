package update

import (
	"context"
	"errors"
	"testing"
)

// occupy takes all places of a lane.
func occupy(t *testing.T, l *lanes, workflowID string) (leaves []func()) {
	t.Helper()
	for range laneWidth {
		leave, err := l.enter(t.Context(), workflowID)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	return leaves
}

func TestLane(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()

	t.Run("is full", func(t *testing.T) {
		t.Parallel()
		var l lanes
		leaves := occupy(t, &l, "order/1")
		if _, err := l.enter(gone, "order/1"); !errors.Is(err, context.Canceled) {
			t.Errorf("one too many: %v, want context.Canceled", err)
		}
		if leave, err := l.enter(t.Context(), "order/2"); err != nil {
			t.Errorf("another workflow's lane: %v", err)
		} else {
			leave()
		}
		for _, leave := range leaves {
			leave()
		}
		if len(l.of) != 0 {
			t.Errorf("%d lanes are left behind by nobody", len(l.of))
		}
	})

	t.Run("lets the next one in", func(t *testing.T) {
		t.Parallel()
		var l lanes
		leaves := occupy(t, &l, "order/1")
		entered := make(chan error)
		go func() {
			leave, err := l.enter(t.Context(), "order/1")
			if err == nil {
				defer leave()
			}
			entered <- err
		}()
		leaves[0]()
		if err := <-entered; err != nil {
			t.Error(err)
		}
	})
}
