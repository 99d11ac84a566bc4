package update

import (
	"packhorse/internal/temporalio"
	"testing"
)

func TestRefresh(t *testing.T) {
	t.Parallel()
	s := &server{answers: []error{passing, nil}}
	c := New(s, nil, Options{})
	for range 2 {
		if err := c.Refresh(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
	}
	first, again, another := s.updates[0], s.updates[1], s.updates[2]
	if first.WorkflowID != temporalio.FulfillmentOrderID(7) || first.UpdateName != temporalio.RefreshUpdate {
		t.Errorf("sent %+v", first)
	}
	if first.UpdateID != again.UpdateID {
		t.Error("what got no answer was sent again as another update")
	}
	if first.UpdateID == another.UpdateID {
		t.Error("another refresh was sent as the same update, which has its answer already")
	}
}
